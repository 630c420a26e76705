-- Note what came of fetching a customer's file, unless its conversation was erased meanwhile. Tells the desk.
--
-- KEYS[1] remote files  hash: by the messenger's id, a file as JSON
-- KEYS[2] attachments   hash: by our id, a kept file as JSON
-- ARGV[1] messenger's id  ARGV[2] the file as JSON  ARGV[3] our id, "" if it was not kept  ARGV[4] as kept, JSON
-- ARGV[5] seconds that both live  ARGV[6] channel to tell it on
-- returns 1 if it was noted, 0 if nothing is known of the file any more; a repeat changes nothing
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[4])
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end
redis.call('PUBLISH', ARGV[6], '')
return 1
