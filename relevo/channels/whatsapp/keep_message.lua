-- Remember a message by the messenger's id, unless its customer was erased meanwhile; what is known of its status
-- stays.
--
-- KEYS[1] messages  hash: by the messenger's id, a message as JSON
-- KEYS[2] ticks     hash: by the id in our queue, how far a message of ours has come
-- KEYS[3] customer  hash: who writes in the conversation
-- ARGV[1] id  ARGV[2] author  ARGV[3] text  ARGV[4] what we sent as it stood in the queue, or ""
-- ARGV[5] seconds that both hashes live  ARGV[6] its id in our queue, or ""  ARGV[7] channel of the desk
-- returns Meta's code (0 if it told none) where a status said before that it failed, and nobody saw to that; else -1
if redis.call('EXISTS', KEYS[3]) == 0 then
  return -1
end
local message = cjson.decode(redis.call('HGET', KEYS[1], ARGV[1]) or '{}')
message.author, message.text, message.outgoing = ARGV[2], ARGV[3], ARGV[4]
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(message))
redis.call('EXPIRE', KEYS[1], ARGV[5])
local has_failed = message.status == 'failed'
if ARGV[6] ~= '' then
  -- A failure may be tried again; whoever gives the message up notes why.
  redis.call('HSET', KEYS[2], ARGV[6], not has_failed and message.status or 'sent')
  redis.call('EXPIRE', KEYS[2], ARGV[5])
  redis.call('PUBLISH', ARGV[7], '')
end
return has_failed and not message.is_settled and message.code or -1
