-- Note what became of a message; statuses come in any order, and a message only moves forward. Tells the desk.
--
-- KEYS[1] messages  hash: by the messenger's id, a message as JSON with `status` and `rank`
-- KEYS[2] ticks     hash: by the id in our queue, how far a message of ours has come
-- ARGV[1] id  ARGV[2] status  ARGV[3] its rank  ARGV[4] when (UTC epoch seconds)  ARGV[5] seconds that both live
-- ARGV[6] channel of the desk
-- returns 1 if the message moved, 0 if it was there already or further on
-- A status may come before the answer to our own request: then it waits here for the message.
local message = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
if (message.rank or 0) >= tonumber(ARGV[3]) then
  return 0
end
message.status, message.rank, message.status_at = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(message))
redis.call('EXPIRE', KEYS[1], ARGV[5])
-- A failure may be tried again; whoever gives the message up notes why.
if message.status ~= 'failed' and (message.outgoing or '') ~= '' then
  redis.call('HSET', KEYS[2], cjson.decode(message.outgoing).id, message.status)
  redis.call('EXPIRE', KEYS[2], ARGV[5])
  redis.call('PUBLISH', ARGV[6], '')
end
return 1
