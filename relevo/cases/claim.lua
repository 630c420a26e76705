-- Give a waiting case to one person; two can't have it.
--
-- KEYS[6] waiting  KEYS[7] waits (list: last waits, seconds per place)  KEYS[8] in_hand of the person
-- KEYS[9] claimed  KEYS[10] lapses  KEYS[11] present (people at the desk, by their last sign)
-- ARGV[10] waits kept  ARGV[11] seconds that waits live  ARGV[12] the person in the roster, ""
-- ARGV[13] cases that the person may have in hand, "" for any  ARGV[14] by when they must give a sign, "" for never
-- ARGV[15] "1" if they may decide again on what they resolved themselves
-- before: waiting          after: claimed by the person (again by the same one: unchanged)
-- outcome "case_claimed" | "already_yours" | "taken" | "closed_case" | "full" | "barred"
if is_theirs() then
  return ends('already_yours')
end
if state and state ~= 'waiting' then
  return ends((state == 'claimed' or state == 'waiting_for_customer') and 'taken' or 'closed_case')
end
local over = refused()
if over then
  return over
end
if number('level') > 0 and get('resolved_by') == by and ARGV[15] ~= '1' then
  return ends('barred')
end
if ARGV[13] ~= '' and redis.call('SCARD', KEYS[8]) >= tonumber(ARGV[13]) then
  return ends('full')
end
-- Only a first wait measures the line's pace.
if redis.call('HGET', case, 'place_at_opening') then
  local wait = math.max(0, now - number('opened_at')) / math.max(1, number('place_at_opening'))
  redis.call('LPUSH', KEYS[7], tostring(wait))
  redis.call('LTRIM', KEYS[7], 0, ARGV[10] - 1)
  redis.call('EXPIRE', KEYS[7], ARGV[11])
  redis.call('HDEL', case, 'place_at_opening')
end
redis.call('HSET', case, 'state', 'claimed', 'claimed_by', by, 'claimed_person', ARGV[12], 'claimed_at', now,
  'for_person', '')
redis.call('ZREM', KEYS[6], folio)
redis.call('SADD', KEYS[8], folio)
redis.call('ZADD', KEYS[9], now, folio)
redis.call('ZADD', KEYS[11], 'GT', now, by)
must_sign(KEYS[10], ARGV[14])
return made('case_claimed')
