-- Close a claimed case; a hand-off goes back to the bot.
--
-- KEYS[1] case  KEYS[2] hand_off_of  KEYS[3] open  KEYS[4] outbox  KEYS[5] events
-- ARGV[1] folio  ARGV[2] agent  ARGV[3] now  ARGV[4] seconds that a closed case is kept  ARGV[5] events kept
-- ARGV[6] message for the outbox (JSON)  ARGV[7] id of that message
-- ARGV[8] the message instead, for a complaint whose conversation a person has or will have: the bot stays silent
-- before: claimed by the agent          after: closed
-- returns "closed" | "already_closed" | "not_yours" | "unknown"
local state, by, kind = unpack(redis.call('HMGET', KEYS[1], 'state', 'claimed_by', 'kind'))
if not state then
  return 'unknown'
end
if state == 'closed' then
  return 'already_closed'
end
if state ~= 'claimed' or by ~= ARGV[2] then
  return 'not_yours'
end
redis.call('HSET', KEYS[1], 'state', 'closed', 'closed_at', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('SREM', KEYS[3], ARGV[1])
local message = ARGV[6]
if kind == 'hand_off' then
  redis.call('DEL', KEYS[2])
elseif redis.call('EXISTS', KEYS[2]) == 1 then
  message = ARGV[8]
end
redis.call('XADD', KEYS[4], '*', 'id', ARGV[7], 'message', message)
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[5], '*',
  'kind', 'case_closed', 'folio', ARGV[1], 'at', ARGV[3], 'by', ARGV[2], 'conversation', redis.call('HGET', KEYS[1], 'conversation'))
return 'closed'
