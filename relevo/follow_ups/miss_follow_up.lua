-- A due follow-up was not kept in time: note who is told, and when the next one above is.
--
-- KEYS[1] follow_up:F       hash: the follow-up's fields
-- KEYS[2] keep_by           sorted set: folios of due ones, by when somebody above is told
-- KEYS[3] events            stream of the desk
-- KEYS[4] notifications:P   sorted set: of what who is told was told       KEYS[5] notified   set
-- ARGV[1] folio             ARGV[2] which step this is: 1, 2, …          ARGV[3] who is told, "" for nobody
-- ARGV[4] when the next step is (UTC epoch seconds), "" after the last   ARGV[5] now
-- ARGV[6] who sees to it    ARGV[7] events kept
-- ARGV[8] what the notification is about                                 ARGV[9] and ARGV[10] its limits
--
-- before: due, with one step less, its time at or before now; after: the step is taken
-- returns 1 if this call took it, else 0: of two clocks only one tells. A record that is lost is forgotten.
local conversation = redis.call('HGET', KEYS[1], 'conversation')
if not conversation then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return 0
end
local at = redis.call('ZSCORE', KEYS[2], ARGV[1])
local steps = tonumber(redis.call('HGET', KEYS[1], 'escalations') or 0)
if not at or tonumber(at) > tonumber(ARGV[5]) or steps + 1 ~= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'escalations', ARGV[2], 'told', ARGV[3])
if tonumber(redis.call('HGET', KEYS[1], 'missed_at') or 0) == 0 then
  redis.call('HSET', KEYS[1], 'missed_at', ARGV[5])
end
if ARGV[4] ~= '' then
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
else
  redis.call('ZREM', KEYS[2], ARGV[1])
end
notify(KEYS[4], KEYS[5], ARGV[3], ARGV[8], ARGV[5], { ARGV[9], ARGV[10] })
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[7], '*', 'kind', 'follow_up_missed', 'folio', ARGV[1],
  'at', ARGV[5], 'by', ARGV[6], 'conversation', conversation, 'told', ARGV[3])
return 1
