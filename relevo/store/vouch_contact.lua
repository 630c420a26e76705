-- A channel vouches for a contact in a conversation: the two are linked both ways, or not at all.
--
-- KEYS[1] contacts_of the conversation  hash      KEYS[2] records_of the contact  sorted set
-- ARGV[1] digest of the contact  ARGV[2] conversation  ARGV[3] how it was confirmed (JSON)
-- ARGV[4] now (UTC epoch seconds)  ARGV[5] seconds that both are kept
-- before: not linked, linked by a person at the desk, or so already          after: linked by the channel
-- returns 1 if it is news, 0 for a repeat
local known = redis.call('HGET', KEYS[1], ARGV[1])
local is_news = not known or cjson.decode(known).source ~= 'channel'
if is_news then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
redis.call('ZADD', KEYS[2], 'NX', ARGV[4], 'conversation:' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
return is_news and 1 or 0
