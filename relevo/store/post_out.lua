-- Add an entry to what the customer's page shows, once per key.
--
-- KEYS[1] out   stream, field `e` = the entry as JSON      KEYS[2] sent  set of keys already in it
-- ARGV[1] key   ARGV[2] entry   ARGV[3] seconds that the stream lives   ARGV[4] seconds that keys live
-- ARGV[5] entries kept
-- returns 1 if added, 0 if the key was there
if redis.call('SADD', KEYS[2], ARGV[1]) == 0 then
  return 0
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], '*', 'e', ARGV[2])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
