-- Move booked follow-ups whose time has come to those that are due.
--
-- KEYS[1] follow_ups:booked sorted set: folios by due time
-- KEYS[2] follow_ups:due    sorted set: folios that fell due, by due time
-- KEYS[3] events            stream of the desk
-- KEYS[4…] follow_up:F      hashes of the follow-ups that the caller saw as ripe
-- ARGV[1] now (UTC epoch seconds)   ARGV[2] who sees to it   ARGV[3] events kept
-- ARGV[4…] their folios, in the order of the keys
--
-- before: booked, due at or before now; after: due
-- returns the folios that this call moved: of two clocks that see the same one, only one gets it
local moved = {}
for i = 4, #ARGV do
  local folio = ARGV[i]
  local due_at = redis.call('ZSCORE', KEYS[1], folio)
  if due_at and tonumber(due_at) <= tonumber(ARGV[1]) then
    redis.call('ZREM', KEYS[1], folio)
    local conversation = redis.call('HGET', KEYS[i], 'conversation')
    if conversation then
      redis.call('HSET', KEYS[i], 'state', 'due')
      redis.call('ZADD', KEYS[2], due_at, folio)
      redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[3], '*', 'kind', 'follow_up_due', 'folio', folio,
        'at', ARGV[1], 'by', ARGV[2], 'conversation', conversation)
      table.insert(moved, folio)
    end
  end
end
return moved
