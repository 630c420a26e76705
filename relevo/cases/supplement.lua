-- The customer adds to what they have filed: a name, a contact, what they ask for.
--
-- KEYS[6] cases_of the contact  KEYS[7] records_of the contact (the conversation's, without one)
-- ARGV[10] seconds that records are remembered  ARGV[11…] field, value, … of the case
-- before: not closed          after: the same, with these fields
-- outcome "case_supplemented" | "unchanged" (closed)
local over = refused()
if over then
  return over
end
if state == 'closed' then
  return ends('unchanged')
end
redis.call('HSET', case, unpack(ARGV, 11))
redis.call('SADD', KEYS[6], folio)
redis.call('ZADD', KEYS[7], now, 'case:' .. folio)
redis.call('EXPIRE', KEYS[7], ARGV[10])
return made('case_supplemented')
