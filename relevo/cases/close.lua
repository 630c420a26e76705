-- Close a case for good.
--
-- KEYS[6] waiting  KEYS[7] in_hand of who has it  KEYS[8] claimed  KEYS[9] lapses  KEYS[10] open  KEYS[11] resolved
-- KEYS[12] hand_off_of the conversation  KEYS[13] cases_of the conversation  KEYS[14] cases_of the contact
-- KEYS[15] rated_of the conversation
-- ARGV[10] seconds that a closed case is kept  ARGV[11] reason, "" for the one that it has
-- ARGV[12] the message instead, for a complaint whose conversation a person has or will have: the bot stays silent
-- ARGV[13] "withdrawn" by the customer, before anybody had it; "quiet": by the clock, when its time is over; else ""
-- ARGV[14] seconds during which the customer may rate it, unless they have withdrawn it
-- before: claimed by the person or waiting for the customer; resolved; or waiting, if the customer withdraws it
-- after:  closed
-- outcome "case_closed" | "already_closed" | "not_yours" | "unchanged" (withdrawn too late, or not quiet long enough)
if state == 'closed' then
  return ends('already_closed')
end
local over = refused()
if over then
  return over
end
if ARGV[13] == 'withdrawn' and state ~= 'waiting' then
  return ends('unchanged')
end
local ends_at = redis.call('ZSCORE', KEYS[11], folio)
if ARGV[13] == 'quiet' and (state ~= 'resolved' or not ends_at or tonumber(ends_at) > tonumber(now)) then
  return ends('unchanged')
end
if state ~= 'resolved' and ARGV[13] ~= 'withdrawn' and not is_theirs() then
  return ends('not_yours')
end
if state ~= 'resolved' then
  redis.call('HSET', case, 'resolved_at', ARGV[13] == 'withdrawn' and '0.0' or now, 'resolved_by', get('claimed_by'),
    'resolved_person', get('claimed_person'))
end
let_go(KEYS[7], KEYS[8], KEYS[9])
leave({ KEYS[6], KEYS[11] }, { KEYS[10], KEYS[13], KEYS[14] })
give_back(KEYS[12], ARGV[12])
redis.call('HSET', case, 'state', 'closed', 'closed_at', now)
if ARGV[11] ~= '' then
  redis.call('HSET', case, 'closing_reason', ARGV[11])
end
if ARGV[13] ~= 'withdrawn' then
  redis.call('SET', KEYS[15], folio, 'EX', ARGV[14])
end
local outcome = made('case_closed', 'reason', get('closing_reason'))
keep(ARGV[10])
return outcome
