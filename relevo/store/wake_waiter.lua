-- Wake the next in line for a conversation's lock; one that is gone leaves nothing behind.
--
-- KEYS[1] wake  list that the waiter blocks on
-- ARGV[1] seconds that it lives
redis.call('RPUSH', KEYS[1], '1')
redis.call('EXPIRE', KEYS[1], ARGV[1])
