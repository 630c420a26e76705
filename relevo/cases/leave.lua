-- Forget people whose desk is closed, unless they have given a sign meanwhile.
--
-- KEYS[1] present  sorted set: display name by last sign          KEYS[2] persons  hash: who they are in the roster
-- ARGV[1] the last sign at which they count as gone  ARGV[2] display name
-- returns 1 if they are forgotten, else 0
local sign = redis.call('ZSCORE', KEYS[1], ARGV[2])
if sign and tonumber(sign) > tonumber(ARGV[1]) then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[2])
return 1
