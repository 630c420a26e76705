-- The person has asked the customer something and waits; the case doesn't count as in hand meanwhile.
--
-- KEYS[6] in_hand of the person  KEYS[7] lapses
-- before: claimed by the person          after: waiting for the customer
-- outcome "case_waits_for_customer" | "not_yours"
local over = refused_unless_theirs()
if over then
  return over
end
if state == 'waiting_for_customer' then
  return ends('repeated')
end
redis.call('HSET', case, 'state', 'waiting_for_customer', 'paused_at', now)
redis.call('SREM', KEYS[6], folio)
redis.call('ZREM', KEYS[7], folio)
look_at_once(case, folio)
return made('case_waits_for_customer')
