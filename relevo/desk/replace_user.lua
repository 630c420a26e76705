-- Replace a user's record, unless it was changed or removed meanwhile.
--
-- KEYS[1] users  hash: user as JSON by name
-- ARGV[1] name  ARGV[2] record as it was read  ARGV[3] new record
-- before: the record as read          after: the new record (otherwise: unchanged)
-- returns 1 if replaced, else 0
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
