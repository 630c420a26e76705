-- Put a case back in its area's line, at its old place.
--
-- KEYS[6] waiting  KEYS[7] in_hand of who has it  KEYS[8] claimed  KEYS[9] lapses  KEYS[10] told
-- ARGV[10] score in the line  ARGV[11] when to tell the wait again, "" for never
-- ARGV[12] "1" if they may also put back what others have
-- ARGV[13] by when it must be resolved, if it has waited for the customer
-- before: claimed by the person, or waiting for the customer          after: waiting
-- outcome "case_released" | "not_yours"
local over = refused()
if over then
  return over
end
local from = get('claimed_by')
if not (is_theirs() or ARGV[12] == '1' and from ~= '') then
  return ends('not_yours')
end
let_go(KEYS[7], KEYS[8], KEYS[9], ARGV[13])
stand_in_line(KEYS[6], ARGV[10], KEYS[10], ARGV[11])
return made('case_released', 'from', from)
