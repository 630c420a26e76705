-- Note who writes in a conversation; what an older message says of them changes nothing.
--
-- KEYS[1] customer  hash
-- ARGV[1] when the message was written (UTC epoch seconds)  ARGV[2] seconds that the hash lives
-- ARGV[3…] names and values
-- returns 1 if noted, 0 if a later message is known
if tonumber(redis.call('HGET', KEYS[1], 'wrote_at') or 0) > tonumber(ARGV[1]) then
  return 0
end
redis.call('HSET', KEYS[1], 'wrote_at', ARGV[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
