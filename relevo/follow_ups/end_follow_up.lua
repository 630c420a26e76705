-- End a follow-up: done or cancelled.
--
-- KEYS[1] follow_up:F       hash: the follow-up's fields
-- KEYS[2] follow_up_of:C    string: folio of its conversation's pending follow-up
-- KEYS[3] follow_ups:booked sorted set: folios by due time
-- KEYS[4] follow_ups:due    sorted set: folios that fell due
-- KEYS[5] events            stream of the desk
-- ARGV[1] folio             ARGV[2] its conversation         ARGV[3] the end: "done" or "cancelled"
-- ARGV[4] now (UTC epoch seconds)                            ARGV[5] who ends it
-- ARGV[6] seconds that it lives from now on                  ARGV[7] events kept
--
-- before: booked or due; after: done or cancelled, and the conversation may book another one
-- returns the state in which it is now: the first end stays, so a repeat changes and tells nothing;
--         "" for an unknown follow-up
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'booked' and state ~= 'due' then
  return state or ''
end
redis.call('HSET', KEYS[1], 'state', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[6])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[7], '*', 'kind', 'follow_up_' .. ARGV[3], 'folio', ARGV[1],
  'at', ARGV[4], 'by', ARGV[5], 'conversation', ARGV[2])
return ARGV[3]
