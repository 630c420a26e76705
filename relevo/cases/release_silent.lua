-- Put a case back in line because its person gives no sign, as long as that is still so.
--
-- KEYS[6] waiting  KEYS[7] in_hand of who has it  KEYS[8] claimed  KEYS[9] lapses  KEYS[10] present
-- KEYS[11] told
-- ARGV[10] score in the line  ARGV[11] when to tell the wait again, "" for never
-- ARGV[12] "silent": they owe an answer since too long; "vanished": their desk is closed
-- ARGV[13] the last sign of the vanished at which they count as such  ARGV[14] whom of the roster it is for, ""
-- before: claimed          after: waiting
-- outcome "case_released" | "unchanged" (they have given a sign, or don't have it any more)
local over = refused()
if over then
  return over
end
local deadline = redis.call('ZSCORE', KEYS[9], folio)
local sign = redis.call('ZSCORE', KEYS[10], get('claimed_by'))
local is_silent = ARGV[12] == 'silent' and deadline and tonumber(deadline) <= tonumber(now)
local has_vanished = ARGV[12] == 'vanished' and (not sign or tonumber(sign) <= tonumber(ARGV[13]))
if state ~= 'claimed' then
  redis.call('ZREM', KEYS[9], folio)
end
if state ~= 'claimed' or not (is_silent or has_vanished) then
  return ends('unchanged')
end
local lost_by = get('claimed_by')
let_go(KEYS[7], KEYS[8], KEYS[9])
redis.call('HSET', case, 'for_person', ARGV[14])
stand_in_line(KEYS[6], ARGV[10], KEYS[11], ARGV[11])
return made('case_released', 'why', ARGV[12], 'from', lost_by, 'person', ARGV[14])
