-- A person gives a sign of life: at the desk, and in a case that they have (they are writing an answer).
--
-- KEYS[1] present  sorted set: display name by last sign          KEYS[2] persons  hash: who they are in the roster
-- KEYS[3] case  hash                                               KEYS[4] lapses   sorted set: folio by when it lapses
-- ARGV[1] display name  ARGV[2] now  ARGV[3] the person in the roster, ""  ARGV[4] folio, "" for none
-- ARGV[5] by when they must give the next sign in the case, "" for as before
-- after: present; if they owe a sign in the case, they have until then
-- returns 1 if they owe a sign in the case, else 0
redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
if ARGV[4] == '' or ARGV[5] == '' or redis.call('HGET', KEYS[3], 'claimed_by') ~= ARGV[1] then
  return 0
end
if not redis.call('ZSCORE', KEYS[4], ARGV[4]) then
  return 0
end
redis.call('ZADD', KEYS[4], 'GT', ARGV[5], ARGV[4])
return 1
