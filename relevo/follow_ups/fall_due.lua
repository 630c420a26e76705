-- Move booked follow-ups whose time has come to those that are due.
--
-- KEYS[1] follow_ups:booked sorted set: folios by due time
-- KEYS[2] follow_ups:due    sorted set: folios that fell due, by due time
-- KEYS[3] keep_by           sorted set: folios of due ones, by when they count as missed
-- KEYS[4] to_write          sorted set: folios of due ones that the assistant begins, by due time
-- KEYS[5] events            stream of the desk
-- KEYS[6…] follow_up:F      hashes of the follow-ups that the caller saw as ripe
-- ARGV[1] now (UTC epoch seconds)   ARGV[2] who sees to it   ARGV[3] events kept
-- ARGV[4] the ways of contact that the assistant begins, with spaces around each
-- ARGV[5…] for each of them, in the order of the keys: its folio, its due time as the caller saw it, and when
--          it counts as missed ("" for never)
--
-- before: booked, due at or before now; after: due
-- returns the folios that this call moved: of two clocks that see the same one, only one gets it; one that was
--         booked again meanwhile, for another time, is left
local moved = {}
for i = 6, #KEYS do
  local first = 5 + (i - 6) * 3
  local folio, seen, keep_by = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  local due_at = redis.call('ZSCORE', KEYS[1], folio)
  if due_at and tonumber(due_at) == tonumber(seen) and tonumber(due_at) <= tonumber(ARGV[1]) then
    redis.call('ZREM', KEYS[1], folio)
    local conversation = redis.call('HGET', KEYS[i], 'conversation')
    if conversation then
      redis.call('HSET', KEYS[i], 'state', 'due', 'escalations', 0)
      redis.call('ZADD', KEYS[2], due_at, folio)
      local method = ' ' .. redis.call('HGET', KEYS[i], 'method') .. ' '
      if string.find(ARGV[4], method, 1, true) then
        redis.call('ZADD', KEYS[4], due_at, folio)
      end
      if keep_by ~= '' then
        redis.call('ZADD', KEYS[3], keep_by, folio)
      end
      redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[3], '*', 'kind', 'follow_up_due', 'folio', folio,
        'at', ARGV[1], 'by', ARGV[2], 'conversation', conversation)
      table.insert(moved, folio)
    end
  end
end
return moved
