-- Forget a suggestion that was written to the training files or refused.
--
-- KEYS[1] suggestion:M   hash: the suggestion's fields
-- KEYS[2] suggestions    sorted set: messages by time
-- ARGV[1] message        ARGV[2] topic and ARGV[3] tone of the suggestion that was decided on
--
-- before: that suggestion, another one that replaced it meanwhile, or none
-- after: none; the other one stays, for nobody has decided on it
-- returns 1 if it was there, else 0; a repeat is harmless
local present = redis.call('HMGET', KEYS[1], 'topic', 'tone')
if present[1] and (present[1] ~= ARGV[2] or present[2] ~= ARGV[3]) then
  return 0
end
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('DEL', KEYS[1])
