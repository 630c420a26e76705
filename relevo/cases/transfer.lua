-- Send a case to another area's line; the customer keeps their turn.
--
-- KEYS[6] waiting line of its area  KEYS[7] waiting line of the new area  KEYS[8] in_hand of who has it
-- KEYS[9] claimed  KEYS[10] lapses  KEYS[11] told
-- ARGV[10] score in the line  ARGV[11] when to tell the wait again, "" for never
-- ARGV[12] the new area  ARGV[13] a note to the colleagues there, ""
-- ARGV[14] by when it must be resolved, if it has waited for the customer
-- before: claimed by the person, waiting for the customer, or waiting for anyone          after: waiting
-- outcome "case_transferred" | "not_yours"
local over = refused()
if over then
  return over
end
if state ~= 'waiting' and not is_theirs() then
  return ends('not_yours')
end
let_go(KEYS[8], KEYS[9], KEYS[10], ARGV[14])
redis.call('ZREM', KEYS[6], folio)
redis.call('HSET', case, 'area', ARGV[12], 'for_person', '')
redis.call('HDEL', case, 'place_at_opening')
stand_in_line(KEYS[7], ARGV[10], KEYS[11], ARGV[11])
return made('case_transferred', 'from', ARGV[5], 'area', ARGV[12], 'note', ARGV[13])
