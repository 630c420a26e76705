-- Count a login that is tried, or take it back when its password was right.
--
-- KEYS[1] of the name   hash: tries (that were not right), until (when the next may come, epoch seconds)
-- KEYS[2] of the address  the same
-- ARGV[1] "admit" | "forgive"  ARGV[2] now  ARGV[3] tries that are free  ARGV[4] longest wait, seconds
-- ARGV[5] seconds that the counts live after the last try
-- admit:   if either must wait: unchanged. Else both have one try more, and from the free ones' last on a
--          time before which the next is not admitted: 2, 4, 8 … seconds from now
-- forgive: the name's count is gone, the address has one try less and need not wait
-- returns seconds to wait as text, "0" if admitted
local now = tonumber(ARGV[2])
if ARGV[1] == 'forgive' then
  redis.call('DEL', KEYS[1])
  if tonumber(redis.call('HGET', KEYS[2], 'tries') or '0') > 0 then
    redis.call('HINCRBY', KEYS[2], 'tries', -1)
    redis.call('HDEL', KEYS[2], 'until')
  end
  return '0'
end
local wait = 0
for _, key in ipairs(KEYS) do
  wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or '0') - now)
end
if wait > 0 then
  return tostring(wait)
end
for _, key in ipairs(KEYS) do
  local tries = redis.call('HINCRBY', key, 'tries', 1)
  if tries >= tonumber(ARGV[3]) then
    local longer = math.min(2 ^ (tries - ARGV[3] + 1), tonumber(ARGV[4]))
    redis.call('HSET', key, 'until', string.format('%.3f', now + longer))
  end
  redis.call('EXPIRE', key, ARGV[5])
end
return '0'
