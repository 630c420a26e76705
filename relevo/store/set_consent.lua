-- Note that a customer withdraws consent to be written to, or gives it again; the later word holds.
--
-- KEYS[1] consent  hash: state (out or in), at, word, message
-- ARGV[1] state  ARGV[2] when it was written (UTC epoch seconds)  ARGV[3] word  ARGV[4] message id
-- before: nothing (as if in), out or in    after: ARGV[1], if that is a change
-- returns 1 if this message made the change (a repeat of it too), 0 if it is so already or a later word holds
local kept = redis.call('HMGET', KEYS[1], 'state', 'at', 'message')
if kept[3] == ARGV[4] then
  return 1
end
if (kept[1] or 'in') == ARGV[1] or tonumber(kept[2] or 0) > tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[1], 'at', ARGV[2], 'word', ARGV[3], 'message', ARGV[4])
return 1
