-- Mark a conversation anew without moving its visit: whoever is visiting it sees that something came in.
--
-- KEYS[1] marks  sorted set: conversations with something in their list, by time
-- ARGV[1] conversation  ARGV[2] when to visit it if it isn't marked yet
local mark = redis.call('ZSCORE', KEYS[1], ARGV[1])
-- A millionth of a second is the least that makes another number of a time in epoch seconds; sooner, so that
-- what is due stays due.
local anew = mark and string.format('%.17g', tonumber(mark) - 0.000001) or ARGV[2]
redis.call('ZADD', KEYS[1], anew, ARGV[1])
