-- A person takes back that a contact is confirmed in the case's conversation: it was a mistake.
--
-- KEYS[6] records_of the contact  sorted set  KEYS[7] contacts_of the conversation  hash
-- ARGV[10] digest of the contact  ARGV[11] conversation
-- before: theirs, and confirmed at the desk          after: the same; not linked
-- outcome "contact_withdrawn" | "unchanged" (not linked, or the channel vouches for it) | "not_yours"
local over = refused_unless_theirs()
if over then
  return over
end
local known = redis.call('HGET', KEYS[7], ARGV[10])
if not known or cjson.decode(known).source ~= 'desk' then
  return ends('unchanged')
end
redis.call('HDEL', KEYS[7], ARGV[10])
redis.call('ZREM', KEYS[6], 'conversation:' .. ARGV[11])
return made('contact_withdrawn')
