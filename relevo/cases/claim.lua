-- Give a waiting case to one agent; two agents can't have it.
--
-- KEYS[1] case  KEYS[2] waiting  KEYS[3] waits (list: last waits, seconds per place)  KEYS[4] outbox  KEYS[5] events
-- ARGV[1] folio  ARGV[2] agent  ARGV[3] now  ARGV[4] waits kept  ARGV[5] seconds that waits live
-- ARGV[6] events kept  ARGV[7] message for the outbox (JSON), "" for none  ARGV[8] id of that message
-- before: waiting          after: claimed by the agent (again by the same agent: unchanged)
-- returns "claimed" | "already_yours" | "taken" | "closed_case" | "unknown"
local state, by, opened, place = unpack(redis.call('HMGET', KEYS[1], 'state', 'claimed_by', 'opened_at', 'place_at_opening'))
if not state then
  return 'unknown'
end
if state == 'claimed' then
  return by == ARGV[2] and 'already_yours' or 'taken'
end
if state ~= 'waiting' then
  return 'closed_case'
end
redis.call('HSET', KEYS[1], 'state', 'claimed', 'claimed_by', ARGV[2], 'claimed_at', ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[1])
local wait = math.max(0, tonumber(ARGV[3]) - tonumber(opened)) / math.max(1, tonumber(place or 1))
redis.call('LPUSH', KEYS[3], tostring(wait))
redis.call('LTRIM', KEYS[3], 0, ARGV[4] - 1)
redis.call('EXPIRE', KEYS[3], ARGV[5])
if ARGV[7] ~= '' then
  redis.call('XADD', KEYS[4], '*', 'id', ARGV[8], 'message', ARGV[7])
end
redis.call('XADD', KEYS[5], 'MAXLEN', '~', ARGV[6], '*',
  'kind', 'case_claimed', 'folio', ARGV[1], 'at', ARGV[3], 'by', ARGV[2], 'conversation', redis.call('HGET', KEYS[1], 'conversation'))
return 'claimed'
