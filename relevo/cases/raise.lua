-- Raise an open hand-off that nobody has taken yet: something graver came up.
--
-- KEYS[1] case  KEYS[2] waiting line of its area so far  KEYS[3] waiting line of its new area  KEYS[4] events
-- ARGV[1] folio  ARGV[2] rank  ARGV[3] score in the line  ARGV[4] now  ARGV[5] events kept
-- ARGV[6…] field, value, … of the case that change
-- before: waiting, with a higher rank (less grave)          after: waiting in the new line
-- returns "raised" | "unchanged" (claimed, closed or as grave already)
local state, rank = unpack(redis.call('HMGET', KEYS[1], 'state', 'rank'))
if state ~= 'waiting' or tonumber(rank) <= tonumber(ARGV[2]) then
  return 'unchanged'
end
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then
  return 'unchanged'
end
local fields = {}
for i = 6, #ARGV do
  fields[#fields + 1] = ARGV[i]
end
redis.call('HSET', KEYS[1], unpack(fields))
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1])
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[5], '*',
  'kind', 'case_raised', 'folio', ARGV[1], 'at', ARGV[4], 'by', 'bot', 'conversation', redis.call('HGET', KEYS[1], 'conversation'))
return 'raised'
