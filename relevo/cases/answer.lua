-- Send a person's answer to the customer: it ends the time for the first response, or for the next one.
--
-- KEYS[6] lapses  KEYS[7] present
-- ARGV[10] by when the person must give the next sign, "" for never
-- before and after: claimed by the person, or waiting for the customer
-- outcome "case_answered" | "not_yours"
local over = refused_unless_theirs()
if over then
  return over
end
if number('first_response_at') == 0 then
  redis.call('HSET', case, 'first_response_at', now)
end
redis.call('HSET', case, 'last_answer_at', now, 'unanswered_since', '0.0', 'next_response_by', '0.0',
  'next_response_steps', '0', 'told_late', '')
look_at_once(case, folio)
redis.call('ZADD', KEYS[7], 'GT', now, by)
must_sign(KEYS[6], ARGV[10])
return made('case_answered')
