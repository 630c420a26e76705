-- Somebody has seen to what a person was told; a repeat changes nothing, and neither does who saw an earlier telling.
--
-- KEYS[1] notifications:P  sorted set: matters by when the person was told of them
-- KEYS[2] notified         plain set: people who have such a set
-- KEYS[3] events           stream of the desk
-- KEYS[4] history:F        stream of the case's history, if it is a case
-- ARGV[1] person  ARGV[2] matter  ARGV[3] when they were told, as it was shown  ARGV[4] folio  ARGV[5] by whom
-- ARGV[6] now (UTC epoch seconds)  ARGV[7] events kept
-- returns 1 if it was there
local told = redis.call('ZSCORE', KEYS[1], ARGV[2])
if not told or tonumber(told) ~= tonumber(ARGV[3]) then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[2])
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('SREM', KEYS[2], ARGV[1])
end
local event = { 'kind', 'notification_seen', 'at', ARGV[6], 'by', ARGV[5], 'person', ARGV[1] }
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[7], '*', 'folio', ARGV[4], unpack(event))
if redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('XADD', KEYS[4], '*', unpack(event))
end
return 1
