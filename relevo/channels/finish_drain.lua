-- End the emptying of an inbox, unless a message came in meanwhile.
--
-- KEYS[1] inbox  list     KEYS[2] drain  string: token of the lease
-- ARGV[1] token
-- returns 1 if the inbox is empty and the lease given back, 0 if there is more to do
if redis.call('LLEN', KEYS[1]) > 0 then
  return 0
end
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
return 1
