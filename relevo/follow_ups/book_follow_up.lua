-- Book a follow-up; the conversation's pending one, if it has one, is cancelled in the same step.
--
-- KEYS[1] follow_up:F       hash: the new follow-up's fields
-- KEYS[2] follow_up_by:K    string: folio that this cause booked
-- KEYS[3] follow_up_of:C    string: folio of the conversation's pending follow-up
-- KEYS[4] follow_ups:booked sorted set: folios by due time
-- KEYS[5] follow_ups:due    sorted set: folios that fell due
-- KEYS[6] keep_by           sorted set: folios of due ones, by when they count as missed
-- KEYS[7] to_write          sorted set: folios of due ones that begin in the chat
-- KEYS[8] events            stream of the desk
-- KEYS[9] follow_up:E       hash: the earlier follow-up that the caller saw; KEYS[1] again if there was none
-- KEYS[10] and KEYS[11] records_of  sorted sets: all that the conversation and the contact ever had, by time
-- ARGV[1] folio F           ARGV[2] earlier folio E, or ""   ARGV[3] conversation
-- ARGV[4] due at            ARGV[5] created at (UTC epoch seconds)
-- ARGV[6] who books it      ARGV[7] seconds that the cause is remembered
-- ARGV[8] seconds that an ended follow-up lives              ARGV[9] events kept
-- ARGV[10] seconds that records are remembered
-- ARGV[11…] the hash's fields and values
--
-- before: F does not exist; E is booked or due, or there is none
-- after:  F is booked; E is cancelled
-- returns { "booked", F } | { "repeated", folio } the cause has booked that one already, nothing changed
--       | { "taken", F } another follow-up has this folio, nothing changed: draw again
--       | { "stale", "" } another follow-up than E is pending by now, nothing changed: look again
local booked_before = redis.call('GET', KEYS[2])
if booked_before then
  return { 'repeated', booked_before }
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  return { 'taken', ARGV[1] }
end
if (redis.call('GET', KEYS[3]) or '') ~= ARGV[2] then
  return { 'stale', '' }
end

local function tell(kind, folio)
  redis.call('XADD', KEYS[8], 'MAXLEN', '~', ARGV[9], '*', 'kind', kind, 'folio', folio,
    'at', ARGV[5], 'by', ARGV[6], 'conversation', ARGV[3])
end

if ARGV[2] ~= '' then
  redis.call('HSET', KEYS[9], 'state', 'cancelled')
  redis.call('EXPIRE', KEYS[9], ARGV[8])
  for i = 4, 7 do
    redis.call('ZREM', KEYS[i], ARGV[2])
  end
  tell('follow_up_cancelled', ARGV[2])
end
redis.call('HSET', KEYS[1], unpack(ARGV, 11))
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[7])
redis.call('SET', KEYS[3], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[4], ARGV[1])
for i = 10, 11 do
  redis.call('ZADD', KEYS[i], ARGV[5], 'follow_up:' .. ARGV[1])
  redis.call('EXPIRE', KEYS[i], ARGV[10])
end
tell('follow_up_booked', ARGV[1])
return { 'booked', ARGV[1] }
