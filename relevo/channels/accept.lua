-- Take a customer's message in, durably, before anyone says that it was received; a repeat changes nothing.
-- The pages that are open are woken: the customer may have several.
--
-- KEYS[1] accepted  set of message ids       KEYS[2] inbox  list of messages that wait for the bot
-- KEYS[3] out       stream of what the customer's page shows
-- ARGV[1] message id  ARGV[2] message (JSON)  ARGV[3] entry for the page (JSON), "" where there is no page
-- ARGV[4] seconds that ids and the inbox live  ARGV[5] seconds that the stream lives
-- ARGV[6] channel of the conversation's news
-- ARGV[7] when it was written (epoch seconds): it goes before those that wait and were written later; 0 for the end
-- returns 1 if accepted, 0 if it was there
if redis.call('SADD', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
local later
for i = redis.call('LLEN', KEYS[2]) - 1, 0, -1 do
  local waits = redis.call('LINDEX', KEYS[2], i)
  if tonumber(ARGV[7]) == 0 or (cjson.decode(waits).written_at or 0) <= tonumber(ARGV[7]) then
    break
  end
  later = waits
end
if later then
  -- Each message is in the list once, so its text is its place.
  redis.call('LINSERT', KEYS[2], 'BEFORE', later, ARGV[2])
else
  redis.call('RPUSH', KEYS[2], ARGV[2])
end
redis.call('EXPIRE', KEYS[2], ARGV[4])
if ARGV[3] ~= '' then
  redis.call('XADD', KEYS[3], '*', 'e', ARGV[3])
  redis.call('EXPIRE', KEYS[3], ARGV[5])
  redis.call('PUBLISH', ARGV[6], '')
end
return 1
