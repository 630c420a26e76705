-- Remember a message by the messenger's id; what is known of its status stays.
--
-- KEYS[1] messages  hash: by the messenger's id, a message as JSON
-- ARGV[1] id  ARGV[2] author  ARGV[3] text  ARGV[4] what we sent as it stood in the queue, or ""
-- ARGV[5] seconds that the hash lives
local message = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
message.author, message.text, message.outgoing = ARGV[2], ARGV[3], ARGV[4]
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(message))
redis.call('EXPIRE', KEYS[1], ARGV[5])
