-- Add messages to what waits to be sent to a customer, each once.
--
-- KEYS[1] queued    set of ids that were ever added     KEYS[2] outgoing  list of messages as JSON
-- ARGV[1] seconds that ids live  ARGV[2] seconds that the list lives  ARGV[3…] ids and messages
-- returns how many were added
local added = 0
for i = 3, #ARGV, 2 do
  if redis.call('SADD', KEYS[1], ARGV[i]) == 1 then
    redis.call('RPUSH', KEYS[2], ARGV[i + 1])
    added = added + 1
  end
end
redis.call('EXPIRE', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[2])
return added
