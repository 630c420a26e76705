-- Take a conversation's lock, or take a place in the line for it; first come, first served.
--
-- KEYS[1] lock          string: token of the holder, expires with its lease
-- KEYS[2] waiters       sorted set: tokens in line, scored by ticket
-- KEYS[3] waiters:seen  hash: token -> when it last asked (milliseconds)
-- KEYS[4] waiters:next  string: ticket counter
-- ARGV[1] token   ARGV[2] lease (milliseconds)   ARGV[3] a waiter unseen for this long is gone (milliseconds)
-- returns 1 if the lock is held by the token now, else 0
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1
end
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
  redis.call('ZADD', KEYS[2], redis.call('INCR', KEYS[4]), ARGV[1])
end
redis.call('HSET', KEYS[3], ARGV[1], now)
for i = 2, 4 do
  redis.call('EXPIRE', KEYS[i], 3600)
end
local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
while first ~= ARGV[1] and now - tonumber(redis.call('HGET', KEYS[3], first) or '0') > tonumber(ARGV[3]) do
  redis.call('ZREM', KEYS[2], first)
  redis.call('HDEL', KEYS[3], first)
  first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
end
if first == ARGV[1] and redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
  return 1
end
return 0
