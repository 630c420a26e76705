-- A person has made sure whose a contact is: it is confirmed in the case's conversation, and perhaps in another one.
--
-- KEYS[6] records_of the contact  sorted set  KEYS[7…] contacts_of each of the conversations  hashes
-- ARGV[10] digest of the contact  ARGV[11] how it was confirmed (JSON)  ARGV[12] seconds that it is kept
-- ARGV[13…] the conversations, in the order of KEYS[7…]
-- before: theirs          after: the same; each conversation is linked with the contact, as before if it was
-- outcome "contact_confirmed" | "not_yours"
local over = refused_unless_theirs()
if over then
  return over
end
for i = 13, #ARGV do
  local contacts = KEYS[i - 6]
  redis.call('HSETNX', contacts, ARGV[10], ARGV[11])
  redis.call('EXPIRE', contacts, ARGV[12])
  redis.call('ZADD', KEYS[6], 'NX', now, 'conversation:' .. ARGV[i])
end
redis.call('EXPIRE', KEYS[6], ARGV[12])
return made('contact_confirmed')
