-- Open a case and put it in its area's line; the same cause never opens two.
--
-- KEYS[1] case         hash, must not exist
-- KEYS[2] case_of      string: folio that this cause opened already
-- KEYS[3] hand_off_of  string: folio of the conversation's open hand-off
-- KEYS[4] waiting      sorted set of the area: folio by rank, then target
-- KEYS[5] open         set of folios that a person must see to
-- KEYS[6] history      stream of the case  KEYS[7] events  stream of the desk
-- KEYS[8] told         sorted set: folio by when its customer may hear again how long it takes
-- KEYS[9] cases_of     set of the conversation's folios  KEYS[10] the contact's (the conversation's, without one)
-- KEYS[11] targets     sorted set: folio by when the clock must look at its targets; see change.lua
-- KEYS[12] and KEYS[13] records_of  sorted sets of the same two: all that they ever had, by time
-- ARGV[1] folio  ARGV[2] kind  ARGV[3] score in the line  ARGV[4] seconds that the cause is remembered
-- ARGV[5] events kept  ARGV[6] conversation  ARGV[7] now  ARGV[8] when to tell the wait again, "" for never
-- ARGV[9] trigger  ARGV[10] seconds that records are remembered  ARGV[11] digest of the contact, "" for none
-- ARGV[12…] field, value, … of the case
-- before: nothing, or the case of the same cause, or (for a hand-off) the conversation's open one
-- after:  waiting
-- returns { folio, "opened" | "repeated" | "already_open" | "taken" }; "taken": draw another folio
local known = redis.call('GET', KEYS[2])
if known then
  return { known, 'repeated' }
end
if ARGV[2] == 'hand_off' then
  local open = redis.call('GET', KEYS[3])
  if open then
    return { open, 'already_open' }
  end
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { ARGV[1], 'taken' }
end
redis.call('HSET', KEYS[1], unpack(ARGV, 12))
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[4])
if ARGV[2] == 'hand_off' then
  redis.call('SET', KEYS[3], ARGV[1])
end
redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
redis.call('HSET', KEYS[1], 'place_at_opening', redis.call('ZRANK', KEYS[4], ARGV[1]) + 1)
redis.call('SADD', KEYS[5], ARGV[1])
redis.call('ZADD', KEYS[11], -redis.call('HINCRBY', KEYS[1], 'target_changes', 1), ARGV[1])
redis.call('SADD', KEYS[9], ARGV[1])
redis.call('SADD', KEYS[10], ARGV[1])
for i = 12, 13 do
  redis.call('ZADD', KEYS[i], ARGV[7], 'case:' .. ARGV[1])
  redis.call('EXPIRE', KEYS[i], ARGV[10])
end
if ARGV[8] ~= '' then
  redis.call('ZADD', KEYS[8], ARGV[8], ARGV[1])
end
redis.call('XADD', KEYS[6], '*', 'kind', 'case_opened', 'at', ARGV[7], 'by', 'bot', 'trigger', ARGV[9])
redis.call('XADD', KEYS[7], 'MAXLEN', '~', ARGV[5], '*',
  'kind', 'case_opened', 'folio', ARGV[1], 'at', ARGV[7], 'by', 'bot', 'conversation', ARGV[6], 'contact', ARGV[11])
return { ARGV[1], 'opened' }
