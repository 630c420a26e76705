-- Add a user; neither name, display name nor person of the roster may be in use.
--
-- KEYS[1] users  hash: user as JSON by name
-- ARGV[1] name  ARGV[2] display name  ARGV[3] user (JSON)  ARGV[4] person of the roster, ""
-- before: no such user          after: the user
-- returns "added" | "name" | "display name" | "person of the roster" (the one that is taken)
--
-- A repeat of the same record (after a lost reply) is "added" again.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  return known == ARGV[3] and 'added' or 'name'
end
for _, record in ipairs(redis.call('HVALS', KEYS[1])) do
  local user = cjson.decode(record)
  if user.display_name == ARGV[2] then
    return 'display name'
  end
  if ARGV[4] ~= '' and user.person == ARGV[4] then
    return 'person of the roster'
  end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 'added'
