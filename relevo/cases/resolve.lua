-- A person has done what is to be done; the customer may still say that it isn't solved.
--
-- KEYS[6] in_hand of the person  KEYS[7] claimed  KEYS[8] lapses  KEYS[9] open  KEYS[10] resolved
-- KEYS[11] hand_off_of the conversation
-- ARGV[10] reason  ARGV[11] when the case is closed for good
-- ARGV[12] the message instead, for a complaint whose conversation a person has or will have: the bot stays silent
-- before: claimed by the person, or waiting for the customer          after: resolved
-- outcome "case_resolved" | "not_yours"
local over = refused()
if over then
  return over
end
if state == 'resolved' and get('resolved_by') == by then
  return ends('repeated')
end
if not is_theirs() then
  return ends('not_yours')
end
local person = get('claimed_person')
let_go(KEYS[6], KEYS[7], KEYS[8])
redis.call('HSET', case, 'state', 'resolved', 'resolved_at', now, 'resolved_by', by, 'closing_reason', ARGV[10],
  'resolved_person', person)
redis.call('SREM', KEYS[9], folio)
redis.call('ZADD', KEYS[10], ARGV[11], folio)
give_back(KEYS[11], ARGV[12])
return made('case_resolved', 'reason', ARGV[10])
