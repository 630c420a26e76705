-- Note up to where somebody has had or read a conversation; only ever forward. Tells the desk what is new.
--
-- KEYS[1] seen  hash: delivered, read, agent -> a position in the out-stream
-- ARGV[1] field  ARGV[2] position  ARGV[3] seconds that it lives  ARGV[4] channel to tell it on
-- returns 1 if that is further than what was noted, else 0
local function split(position)
  local ms, sequence = string.match(position or '0-0', '(%d+)-(%d+)')
  return ms, sequence
end
-- As texts of digits, the longer one is greater: such numbers can be too large for Lua's.
local function is_less(a, b)
  if #a ~= #b then
    return #a < #b
  end
  return a < b
end
local old_ms, old_sequence = split(redis.call('HGET', KEYS[1], ARGV[1]) or '0-0')
local new_ms, new_sequence = split(ARGV[2])
if not (is_less(old_ms, new_ms) or old_ms == new_ms and is_less(old_sequence, new_sequence)) then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', ARGV[4], '')
return 1
