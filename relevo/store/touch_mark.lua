-- Mark conversations anew without moving their visits: whoever is visiting one sees that something came in.
--
-- KEYS[1] marks  sorted set: conversations with something in their list, by time
-- ARGV[1] when to visit one that isn't marked yet  ARGV[2…] conversations
for i = 2, #ARGV do
  local mark = redis.call('ZSCORE', KEYS[1], ARGV[i])
  -- A millionth of a second is the least that makes another number of a time in epoch seconds; sooner, so that
  -- what is due stays due.
  local anew = mark and string.format('%.17g', tonumber(mark) - 0.000001) or ARGV[1]
  redis.call('ZADD', KEYS[1], anew, ARGV[i])
end
