-- The customer says that it isn't solved: the same case waits again, as a claim, one level higher.
--
-- KEYS[6] waiting  KEYS[7] open  KEYS[8] resolved  KEYS[9] hand_off_of the conversation  KEYS[10] told
-- KEYS[11] cases_of the conversation  KEYS[12] cases_of the contact
-- ARGV[10] score in the line  ARGV[11] when to tell the wait again, "" for never  ARGV[12] whom it is for
-- ARGV[13…] field, value, … of the case that change (priority, rank, targets, trigger and why it fired)
-- before: resolved, or closed (not merged, not cancelled by the customer)          after: waiting, level + 1
-- outcome "case_reopened" | "unchanged" (a person has yet to see to it, or the conversation has another hand-off)
local over = refused()
if over then
  return over
end
local is_over = state == 'resolved' or (state == 'closed' and number('resolved_at') > 0)
if not is_over or get('merged_into') ~= '' then
  return ends('unchanged')
end
if get('kind') == 'hand_off' and not redis.call('SET', KEYS[9], folio, 'NX') then
  return ends('unchanged')
end
for _, key in ipairs({ case, KEYS[3] }) do
  redis.call('PERSIST', key)
end
redis.call('HINCRBY', case, 'level', 1)
redis.call('HSET', case, 'reopened_at', now, 'first_response_at', '0.0', 'closed_at', '0.0',
  'unanswered_since', '0.0', 'next_response_by', '0.0', 'told_late', '', 'told_person', '', 'event_explanation', '',
  'first_response_steps', '0', 'next_response_steps', '0', 'resolution_steps', '0', 'closing_reason', '', 'for_person', ARGV[12], unpack(ARGV, 13))
redis.call('ZREM', KEYS[8], folio)
redis.call('SADD', KEYS[7], folio)
redis.call('SADD', KEYS[11], folio)
redis.call('SADD', KEYS[12], folio)
stand_in_line(KEYS[6], ARGV[10], KEYS[10], ARGV[11])
return made('case_reopened', 'level', get('level'), 'person', ARGV[12])
