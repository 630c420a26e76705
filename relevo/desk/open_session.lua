-- Begin a session that ends by itself.
--
-- KEYS[1] session  hash
-- ARGV[1] seconds that it lasts  ARGV[2…] field, value, …
-- before: nothing          after: the session
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return redis.call('EXPIRE', KEYS[1], ARGV[1])
