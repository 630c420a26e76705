-- After a visit: take a mark off or move it, unless something came in meanwhile and marked it anew.
--
-- KEYS[1] marks  sorted set: conversations with something in their list, or folios of cases, by time
-- ARGV[1] conversation or folio  ARGV[2] its mark when the visit began, "" if there was none
-- ARGV[3] when to visit it again, "" to take the mark off
-- returns 1 if done, 0 if it has been marked anew
-- Compared as numbers: Redis writes a score in as many digits as it likes.
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) ~= tonumber(ARGV[2]) then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
