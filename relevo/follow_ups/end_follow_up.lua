-- End a follow-up: done or cancelled, perhaps with a message to its customer.
--
-- KEYS[1] follow_up:F       hash: the follow-up's fields
-- KEYS[2] follow_up_of:C    string: folio of its conversation's pending follow-up
-- KEYS[3] follow_ups:booked sorted set: folios by due time
-- KEYS[4] follow_ups:due    sorted set: folios that fell due
-- KEYS[5] keep_by           sorted set: folios of due ones, by when they count as missed
-- KEYS[6] to_write          sorted set: folios of due ones that begin in the chat
-- KEYS[7] events            stream of the desk
-- KEYS[8] outbox            stream of what must reach customers
-- ARGV[1] folio             ARGV[2] its conversation         ARGV[3] the end: "done" or "cancelled"
-- ARGV[4] now (UTC epoch seconds)                            ARGV[5] who ends it
-- ARGV[6] seconds that it lives from now on                  ARGV[7] events kept
-- ARGV[8] id of the message ARGV[9] the message (JSON); "" for none
-- ARGV[10] cause that cancels it, "" for none
--
-- before: booked or due; after: done or cancelled, and the conversation may book another one
-- returns the state in which it is now: the first end stays, so a repeat changes and tells nothing;
--         "" for an unknown follow-up
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'booked' and state ~= 'due' then
  return state or ''
end
redis.call('HSET', KEYS[1], 'state', ARGV[3], 'cancelled_by', ARGV[10])
redis.call('EXPIRE', KEYS[1], ARGV[6])
for i = 3, 6 do
  redis.call('ZREM', KEYS[i], ARGV[1])
end
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
end
redis.call('XADD', KEYS[7], 'MAXLEN', '~', ARGV[7], '*', 'kind', 'follow_up_' .. ARGV[3], 'folio', ARGV[1],
  'at', ARGV[4], 'by', ARGV[5], 'conversation', ARGV[2])
if ARGV[9] ~= '' then
  redis.call('XADD', KEYS[8], '*', 'id', ARGV[8], 'message', ARGV[9])
end
return ARGV[3]
