-- Take the mark off a conversation whose list was emptied, unless something came in meanwhile and marked it anew.
--
-- KEYS[1] marks  sorted set: conversations with something in their list, by time
-- ARGV[1] conversation  ARGV[2] its mark when the emptying began, "" if there was none
-- Compared as numbers: Redis writes a score in as many digits as it likes.
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
