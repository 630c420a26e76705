-- The customer did not answer: book the next attempt, or leave them unreached after the last one.
--
-- KEYS[1] follow_up:F       hash: the follow-up's fields
-- KEYS[2] follow_up_of:C    string: folio of its conversation's pending follow-up
-- KEYS[3] follow_ups:booked sorted set: folios by due time
-- KEYS[4] follow_ups:due    sorted set: folios that fell due
-- KEYS[5] keep_by           sorted set: folios of due ones, by when they count as missed
-- KEYS[6] to_write          sorted set: folios of due ones that begin in the chat
-- KEYS[7] events            stream of the desk
-- KEYS[8] outbox            stream of what must reach customers
-- ARGV[1] folio             ARGV[2] its conversation         ARGV[3] which attempt has failed: 1, 2, …
-- ARGV[4] when it is due again (UTC epoch seconds), "" after the last attempt
-- ARGV[5] now               ARGV[6] who tried                ARGV[7] seconds that an ended one lives
-- ARGV[8] events kept       ARGV[9] id of the message        ARGV[10] the message (JSON); "" for none
--
-- before: due, with one attempt less; after: booked again, or unreached
-- returns "retried" | "unreached" | "repeated" this attempt was noted before, nothing changed
--       | "not_due" it is booked, or has ended; nothing changed
local attempts = tonumber(redis.call('HGET', KEYS[1], 'attempts') or 0)
if attempts >= tonumber(ARGV[3]) then
  return 'repeated'
end
if redis.call('HGET', KEYS[1], 'state') ~= 'due' or attempts + 1 ~= tonumber(ARGV[3]) then
  return 'not_due'
end
for i = 4, 6 do
  redis.call('ZREM', KEYS[i], ARGV[1])
end
redis.call('HSET', KEYS[1], 'attempts', ARGV[3])
local outcome = 'retried'
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[1], 'state', 'booked', 'due_at', ARGV[4])
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[1])
else
  outcome = 'unreached'
  redis.call('HSET', KEYS[1], 'state', outcome)
  redis.call('EXPIRE', KEYS[1], ARGV[7])
  if redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('DEL', KEYS[2])
  end
end
redis.call('XADD', KEYS[7], 'MAXLEN', '~', ARGV[8], '*', 'kind', 'follow_up_' .. outcome, 'folio', ARGV[1],
  'at', ARGV[5], 'by', ARGV[6], 'conversation', ARGV[2], 'attempt', ARGV[3])
if ARGV[10] ~= '' then
  redis.call('XADD', KEYS[8], '*', 'id', ARGV[9], 'message', ARGV[10])
end
return outcome
