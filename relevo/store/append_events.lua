-- Append a turn's new events, and move the snapshot forward; never rewrite what is there. Events of an outbox item
-- that was appended before are passed over: a clock that was slow and the one that took its place may both deliver.
--
-- KEYS[1] log       stream of tracker events
-- KEYS[2] snapshot  hash: start, state
-- KEYS[3] handled   set of ids (messages, outbox items, saves) whose effects are in the log
-- ARGV[1] id of this save: a repeat of it (after a lost reply) changes nothing
-- ARGV[2] seconds that the log and snapshot live after the last write
-- ARGV[3] seconds that handled ids live
-- ARGV[4] new snapshot start, or "" to keep the snapshot as it is
-- ARGV[5] new snapshot state (JSON)
-- ARGV[6] how many handled ids follow, then those ids, then the events as JSON
-- returns the number of events appended
if redis.call('SADD', KEYS[3], 'save:' .. ARGV[1]) == 0 then
  return 0
end
local handled, known = tonumber(ARGV[6]), {}
for i = 7, 6 + handled do
  if redis.call('SADD', KEYS[3], ARGV[i]) == 0 then
    known[ARGV[i]] = true
  end
end
local function is_repeat(event)
  local metadata = next(known) and cjson.decode(event).metadata
  return type(metadata) == 'table' and known[metadata.outbox_id or ''] or false
end
local appended = 0
for i = 7 + handled, #ARGV do
  if not is_repeat(ARGV[i]) then
    redis.call('XADD', KEYS[1], '*', 'e', ARGV[i])
    appended = appended + 1
  end
end
-- Two servers may save at the same time: the snapshot is a function of the log's beginning, so the later
-- start holds all that the earlier one does, and an earlier one never replaces it.
local function is_later(a, b)
  local a_ms, a_seq = string.match(a, '(%d+)-(%d+)')
  local b_ms, b_seq = string.match(b, '(%d+)-(%d+)')
  a_ms, b_ms = tonumber(a_ms), tonumber(b_ms)
  return a_ms > b_ms or (a_ms == b_ms and tonumber(a_seq) > tonumber(b_seq))
end
if ARGV[4] ~= '' and is_later(ARGV[4], redis.call('HGET', KEYS[2], 'start') or '0-0') then
  redis.call('HSET', KEYS[2], 'start', ARGV[4], 'state', ARGV[5])
end
redis.call('EXPIRE', KEYS[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[2])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return appended
