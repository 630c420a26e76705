-- Add an entry to what the customer's page shows, once per key, and wake the pages that are open.
--
-- KEYS[1] out   stream, field `e` = the entry as JSON
-- KEYS[2] posted  hash: key of an entry -> its position
-- ARGV[1] key   ARGV[2] entry   ARGV[3] seconds that the stream lives   ARGV[4] seconds that keys live
-- ARGV[5] entries kept   ARGV[6] channel of the conversation's news
-- returns 1 if added, 0 if the key was there
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then
  return 0
end
local position = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], '*', 'e', ARGV[2])
redis.call('HSET', KEYS[2], ARGV[1], position)
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[6], '')
return 1
