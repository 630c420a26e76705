-- Put an agent's answer in the outbox; the first one stops the clock of the case's target.
--
-- KEYS[1] case  KEYS[2] outbox  KEYS[3] events
-- ARGV[1] folio  ARGV[2] agent  ARGV[3] now  ARGV[4] events kept  ARGV[5] message (JSON)  ARGV[6] id of the message
-- before and after: claimed by the agent
-- returns "sent" | "repeated" | "not_yours" | "unknown"
local state, by, first, last = unpack(redis.call('HMGET', KEYS[1], 'state', 'claimed_by', 'first_response_at', 'last_answer'))
if not state then
  return 'unknown'
end
if state ~= 'claimed' or by ~= ARGV[2] then
  return 'not_yours'
end
if last == ARGV[6] then
  return 'repeated'
end
redis.call('HSET', KEYS[1], 'last_answer', ARGV[6])
if tonumber(first or '0') == 0 then
  redis.call('HSET', KEYS[1], 'first_response_at', ARGV[3])
end
redis.call('XADD', KEYS[2], '*', 'id', ARGV[6], 'message', ARGV[5])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*',
  'kind', 'case_answered', 'folio', ARGV[1], 'at', ARGV[3], 'by', ARGV[2], 'conversation', redis.call('HGET', KEYS[1], 'conversation'))
return 'sent'
