-- Keep what could not be delivered until a person has seen to it, and tell the desk.
--
-- KEYS[1] undelivered  stream   KEYS[2] events  stream of the desk
-- ARGV[1] most entries  ARGV[2] most events  ARGV[3] when (UTC epoch seconds)  ARGV[4…] names and values
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, 4))
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[2], '*', 'kind', 'message_undelivered', 'by', 'clock', 'at', ARGV[3])
