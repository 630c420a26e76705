-- Lengthen a lease.
--
-- KEYS[1] lease  string: token of its holder
-- ARGV[1] token  ARGV[2] milliseconds
-- returns 1 if the token holds it, else 0
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 0
