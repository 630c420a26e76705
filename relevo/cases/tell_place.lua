-- Note which place and wait the customer of a waiting case was told, and tell them if that is news.
--
-- KEYS[6] told
-- ARGV[10] place  ARGV[11] wait in seconds  ARGV[12] when they may hear of it again
-- ARGV[13] why the plan's trigger for an event fired with it (JSON), "" if none did: kept as it was
-- before and after: waiting
-- outcome "case_wait_told" | "noted" (without a message: they have been told already) | "unchanged"
local over = refused()
if over then
  return over
end
if state ~= 'waiting' then
  redis.call('ZREM', KEYS[6], folio)
  return ends('unchanged')
end
redis.call('HSET', case, 'told_place', ARGV[10], 'told_wait', ARGV[11])
redis.call('ZADD', KEYS[6], ARGV[12], folio)
if ARGV[13] ~= '' then
  redis.call('HSET', case, 'event_explanation', ARGV[13])
end
if ARGV[7] == '' then
  return ends('noted')
end
return made('case_wait_told', 'place', ARGV[10], 'wait', ARGV[11])
