-- Give a conversation's lock back (or leave the line) and name the next in line, who is woken by the caller.
--
-- KEYS[1] lock   KEYS[2] waiters   KEYS[3] waiters:seen   (as in acquire_lock.lua)
-- ARGV[1] token
-- returns the token of the next in line, or "" if none waits or the token did not hold the lock
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return ''
end
redis.call('DEL', KEYS[1])
return redis.call('ZRANGE', KEYS[2], 0, 0)[1] or ''
