-- Keep what could not be delivered until a person has seen to it, and tell the desk; once for each id.
--
-- KEYS[1] undelivered  stream: field `id` first   KEYS[2] events  stream of the desk
-- ARGV[1] most entries  ARGV[2] most events  ARGV[3] when (UTC epoch seconds)  ARGV[4…] names and values: `id` first
-- returns 1 if it was added, 0 if it is there
-- A repeat comes soon after the first. It is looked for in the stream itself: an index of ids, which tell who the
-- customer is, would have to follow its trimming and all erasures.
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 200)) do
  if entry[2][2] == ARGV[5] then
    return 0
  end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, 4))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'kind', 'message_undelivered', 'by', 'clock', 'at', ARGV[3])
return 1
