-- The customer has written: who waited for that has the case in hand again, or it stands in line if they are gone.
--
-- KEYS[6] waiting  KEYS[7] in_hand of who has it  KEYS[8] claimed  KEYS[9] lapses  KEYS[10] present
-- KEYS[11] told
-- ARGV[10] score in the line  ARGV[11] when to tell the wait again, "" for never
-- ARGV[12] by when the person must give a sign, "" for never
-- ARGV[13] by when they must answer  ARGV[14] by when the case must be resolved, if it has waited for the customer
-- The message tells the customer that the case is in line again; it is sent only then.
-- before: any                    after: waiting for the customer becomes claimed, or waiting; others stay
-- outcome "case_resumed" | "noted": the time is kept, nothing else has changed
local over = refused()
if over then
  return over
end
redis.call('HSET', case, 'customer_wrote_at', now)
-- Until the first answer another time runs already.
if number('first_response_at') > 0 and number('next_response_by') == 0 then
  redis.call('HSET', case, 'unanswered_since', now, 'next_response_by', ARGV[13])
  look_at_once(case, folio)
end
if state == 'claimed' and ARGV[12] ~= '' and not redis.call('ZSCORE', KEYS[9], folio) then
  must_sign(KEYS[9], ARGV[12])
end
if state ~= 'waiting_for_customer' then
  return ends('noted')
end
redis.call('HSET', case, 'resolution_by', ARGV[14], 'paused_at', '0.0')
look_at_once(case, folio)
if redis.call('ZSCORE', KEYS[10], get('claimed_by')) then
  redis.call('HSET', case, 'state', 'claimed')
  redis.call('SADD', KEYS[7], folio)
  must_sign(KEYS[9], ARGV[12])
  ARGV[7] = ''
  return made('case_resumed')
end
local lost_by = get('claimed_by')
let_go(KEYS[7], KEYS[8], KEYS[9], ARGV[14])
stand_in_line(KEYS[6], ARGV[10], KEYS[11], ARGV[11])
return made('case_resumed', 'from', lost_by)
