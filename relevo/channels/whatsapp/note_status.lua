-- Note what became of a message; statuses come in any order, and a message only moves forward. Tells the desk.
--
-- KEYS[1] messages  hash: by the messenger's id, a message as JSON with `status` and `rank`
-- KEYS[2] ticks     hash: by the id in our queue, how far a message of ours has come
-- ARGV[1] id  ARGV[2] status  ARGV[3] its rank  ARGV[4] when (UTC epoch seconds)  ARGV[5] seconds that both live
-- ARGV[6] channel of the desk  ARGV[7] code of a failure, 0 if there is none
-- returns what we sent, as it stood in the queue, if it has failed and nobody has seen to that yet; else ""
-- A status may come before the answer to our own request: then it waits here for the message (keep_message.lua).
local message = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
local outgoing = message.outgoing or ''
if (message.rank or 0) < tonumber(ARGV[3]) then
  message.status, message.rank, message.status_at = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
  message.code = tonumber(ARGV[7])
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(message))
  redis.call('EXPIRE', KEYS[1], ARGV[5])
  -- A failure may be tried again; whoever gives the message up notes why.
  if message.status ~= 'failed' and outgoing ~= '' then
    redis.call('HSET', KEYS[2], cjson.decode(outgoing).id, message.status)
    redis.call('EXPIRE', KEYS[2], ARGV[5])
    redis.call('PUBLISH', ARGV[6], '')
  end
end
if ARGV[2] == 'failed' and message.status == 'failed' and not message.is_settled then
  return outgoing
end
return ''
