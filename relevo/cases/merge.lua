-- End a case as a duplicate: another case of the same customer goes on with its matter.
--
-- The shared keys are those of the duplicate.
-- KEYS[6] the case that goes on  KEYS[7] its history
-- KEYS[8] waiting line of the duplicate's area  KEYS[9] in_hand of who has it  KEYS[10] claimed  KEYS[11] lapses
-- KEYS[12] open  KEYS[13] hand_off_of the duplicate's conversation  KEYS[14] cases_of its conversation
-- KEYS[15] cases_of its contact  KEYS[16] waiting line of the other one's area
-- ARGV[10] seconds that a closed case is kept  ARGV[11] folio of the case that goes on  ARGV[12] reason
-- ARGV[13] the message instead, where a person has or will have the conversation: the bot stays silent
-- ARGV[14] "1" if both cases are of one conversation  ARGV[15] what one rank is worth in a line's score
-- before: the other one in the person's hands, the duplicate too or waiting; or both waiting, if the bot does it
-- after:  the duplicate is closed; the other one has its place: the graver priority, the earlier times
-- outcome "case_merged" | "not_yours" | "taken" (somebody else has the duplicate) | "closed_case"
--       | "other_way" (a customer who waits in the chat is not sent to a complaint)
local over = refused()
if over then
  return over
end
local other = KEYS[6]
local function of_other(name)
  return redis.call('HGET', other, name) or ''
end
local both_wait = state == 'waiting' and of_other('state') == 'waiting'
if of_other('claimed_by') ~= by and not (by == 'bot' and both_wait) then
  return ends('not_yours')
end
if state == 'resolved' or state == 'closed' then
  return ends('closed_case')
end
if state ~= 'waiting' and not is_theirs() then
  return ends('taken')
end
if ARGV[14] == '1' and get('kind') == 'hand_off' and of_other('kind') ~= 'hand_off' then
  return ends('other_way')
end
if number('rank') < tonumber(of_other('rank')) then
  redis.call('HSET', other, 'rank', get('rank'), 'priority', get('priority'))
end
for _, name in ipairs({ 'opened_at', 'target_at', 'resolution_by' }) do
  local mine, theirs = number(name), tonumber(of_other(name)) or 0
  if mine > 0 and (theirs == 0 or mine < theirs) then
    redis.call('HSET', other, name, get(name))
  end
end
local score = tonumber(of_other('rank')) * tonumber(ARGV[15]) + tonumber(of_other('target_at'))
redis.call('ZADD', KEYS[16], 'XX', score, ARGV[11])
look_at_once(other, ARGV[11])
redis.call('HSET', other, 'merged', of_other('merged') .. (of_other('merged') == '' and '' or ' ') .. folio)
redis.call('XADD', KEYS[7], '*', 'kind', 'case_joined', 'at', now, 'by', by, 'other', folio)
redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[8], '*',
  'kind', 'case_joined', 'folio', ARGV[11], 'at', now, 'by', by, 'conversation', of_other('conversation'))
let_go(KEYS[9], KEYS[10], KEYS[11])
leave({ KEYS[8] }, { KEYS[12], KEYS[14], KEYS[15] })
give_back(KEYS[13], ARGV[13])
redis.call('HSET', case, 'state', 'closed', 'closed_at', now, 'closing_reason', ARGV[12], 'merged_into', ARGV[11])
local outcome = made('case_merged', 'other', ARGV[11])
keep(ARGV[10])
return outcome
