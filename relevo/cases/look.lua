-- Note when the clock must look at a case's targets next, unless they have changed since it looked.
--
-- KEYS[1] targets  sorted set: folio by when the clock must look
-- ARGV[1] folio  ARGV[2] the score that the clock has seen  ARGV[3] when to look next, "" for never
-- before: any          after: as told, or unchanged if the score is another one
-- returns 1 if it is noted, else 0
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) ~= tonumber(ARGV[2]) then
  return 0
end
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
end
return 1
