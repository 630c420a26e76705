-- Unlink a contact and a conversation, both ways.
--
-- KEYS[1] contacts_of the conversation  hash      KEYS[2] records_of the contact  sorted set
-- ARGV[1] digest of the contact  ARGV[2] conversation
-- before: linked or not          after: not linked
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], 'conversation:' .. ARGV[2])
