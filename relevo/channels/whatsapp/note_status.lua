-- Note what became of a message; statuses come in any order, and a message only moves forward.
--
-- KEYS[1] messages  hash: by the messenger's id, a message as JSON with `status` and `rank`
-- ARGV[1] id  ARGV[2] status  ARGV[3] its rank  ARGV[4] when (UTC epoch seconds)  ARGV[5] seconds that the hash lives
-- returns 1 if the message moved, 0 if it was there already or further on
-- A status may come before the answer to our own request: then it waits here for the message.
local message = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
if (message.rank or 0) >= tonumber(ARGV[3]) then
  return 0
end
message.status, message.rank, message.status_at = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(message))
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1
