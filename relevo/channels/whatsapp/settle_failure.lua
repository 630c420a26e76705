-- A failure was seen to: told again, it is no news.
--
-- KEYS[1] messages  hash: by the messenger's id, a message as JSON
-- ARGV[1] id
local kept = redis.call('HGET', KEYS[1], ARGV[1])
if kept then
  local message = cjson.decode(kept)
  message.is_settled = true
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(message))
end
