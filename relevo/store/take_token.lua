-- Take a token out of a bucket that fills up by itself.
--
-- KEYS[1] bucket  hash: tokens (may be a fraction), at (when they were counted, UTC epoch seconds); full if missing
-- ARGV[1] most tokens  ARGV[2] tokens per second  ARGV[3] now
-- returns "0" if one was taken, else after how many seconds there will be one
local most, per_second, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or most, tonumber(kept[2]) or now
-- A clock that went back gives nothing, and takes nothing.
tokens = math.min(most, tokens + math.max(0, now - at) * per_second)
if tokens < 1 then
  return tostring((1 - tokens) / per_second)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - 1), 'at', tostring(math.max(now, at)))
redis.call('EXPIRE', KEYS[1], math.ceil((most - tokens + 1) / per_second) + 1)
return '0'
