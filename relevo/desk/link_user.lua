-- Link a user to someone of the roster, unless another user is, or this one was changed meanwhile.
--
-- KEYS[1] users  hash: user as JSON by name
-- ARGV[1] name  ARGV[2] record as it was read  ARGV[3] new record  ARGV[4] person of the roster, "" for nobody
-- before: the record as read, or (a repeat) the new one          after: the new record
-- returns "linked" | "taken" | "changed"
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known ~= ARGV[2] and known ~= ARGV[3] then
  return 'changed'
end
local users = redis.call('HGETALL', KEYS[1])
for i = 1, #users, 2 do
  if ARGV[4] ~= '' and users[i] ~= ARGV[1] and cjson.decode(users[i + 1]).person == ARGV[4] then
    return 'taken'
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 'linked'
