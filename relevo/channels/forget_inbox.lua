-- Take the mark off an inbox that was emptied, unless a message came in meanwhile and marked it anew.
--
-- KEYS[1] inboxes  sorted set: conversations with something in their inbox, by time
-- ARGV[1] conversation  ARGV[2] its mark when the emptying began, "" if there was none
-- Compared as numbers: Redis writes a score in as many digits as it likes.
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  redis.call('ZREM', KEYS[1], ARGV[1])
end
