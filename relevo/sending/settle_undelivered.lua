-- Take out an entry to which a person has seen, and tell the desk; a repeat changes nothing.
--
-- KEYS[1] undelivered  stream   KEYS[2] events  stream of the desk   KEYS[3] outbox  stream
-- ARGV[1] position  ARGV[2] kind of the event  ARGV[3] by whom  ARGV[4] when (UTC epoch seconds)  ARGV[5] most events
-- ARGV[6] id and ARGV[7] message of what waits in the outbox again, in the same step: refused anew, it can't meet
-- the entry that is being taken out; "" for nothing
-- returns 1 if it was there
if redis.call('XDEL', KEYS[1], ARGV[1]) == 0 then
  return 0
end
if ARGV[6] ~= '' then
  redis.call('XADD', KEYS[3], '*', 'id', ARGV[6], 'message', ARGV[7])
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', 'kind', ARGV[2], 'by', ARGV[3], 'at', ARGV[4])
return 1
