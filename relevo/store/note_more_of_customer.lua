-- Note something more of who writes in a conversation, unless they were erased meanwhile.
--
-- KEYS[1] customer  hash
-- ARGV[1] name  ARGV[2] value
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
