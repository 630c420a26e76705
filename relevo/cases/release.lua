-- Put a claimed case back in its area's line, at its old place.
--
-- KEYS[1] case  KEYS[2] waiting  KEYS[3] outbox  KEYS[4] events
-- ARGV[1] folio  ARGV[2] agent  ARGV[3] now  ARGV[4] score in the line  ARGV[5] events kept
-- ARGV[6] message for the outbox (JSON), "" for none  ARGV[7] id of that message
-- before: claimed by the agent          after: waiting
-- returns "released" | "not_yours" | "unknown"
local state, by = unpack(redis.call('HMGET', KEYS[1], 'state', 'claimed_by'))
if not state then
  return 'unknown'
end
if state ~= 'claimed' or by ~= ARGV[2] then
  return 'not_yours'
end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'claimed_by', '', 'claimed_at', '0.0')
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
if ARGV[6] ~= '' then
  redis.call('XADD', KEYS[3], '*', 'id', ARGV[7], 'message', ARGV[6])
end
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*',
  'kind', 'case_released', 'folio', ARGV[1], 'at', ARGV[3], 'by', ARGV[2], 'conversation', redis.call('HGET', KEYS[1], 'conversation'))
return 'released'
