-- Give a lease back.
--
-- KEYS[1] lease  string: token of its holder
-- ARGV[1] token
-- returns 1 if the token held it, else 0
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
