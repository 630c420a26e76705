-- Note that the clock is watching, and since when without a gap: while nobody watched, nobody could give a sign.
--
-- KEYS[1] watch  hash: began, last
-- ARGV[1] now  ARGV[2] seconds after which a pause is a gap
-- returns began as text
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '-1')
local now = tonumber(ARGV[1])
if last < 0 or redis.call('HEXISTS', KEYS[1], 'began') == 0 or now - last > tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'began', ARGV[1])
end
if now > last then
  redis.call('HSET', KEYS[1], 'last', ARGV[1])
end
return redis.call('HGET', KEYS[1], 'began')
