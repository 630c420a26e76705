-- Take a customer's message in, durably, before anyone says that it was received; a repeat changes nothing.
-- The pages that are open are woken: the customer may have several.
--
-- KEYS[1] accepted  set of message ids       KEYS[2] inbox  list of messages that wait for the bot
-- KEYS[3] out       stream of what the customer's page shows
-- ARGV[1] message id  ARGV[2] message (JSON)  ARGV[3] entry for the page (JSON)
-- ARGV[4] seconds that ids and the inbox live  ARGV[5] seconds that the stream lives
-- ARGV[6] channel of the conversation's news
-- returns 1 if accepted, 0 if it was there
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('XADD', KEYS[3], '*', 'e', ARGV[3])
redis.call('EXPIRE', KEYS[3], ARGV[5])
redis.call('PUBLISH', ARGV[6], '')
return 1
