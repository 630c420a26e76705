-- Keep how a message should have been understood, in place of what was suggested for it before.
--
-- KEYS[1] suggestion:M   hash: the suggestion's fields
-- KEYS[2] suggestions    sorted set: messages by time
-- KEYS[3] events         stream of the desk
-- ARGV[1] message        ARGV[2] now (UTC epoch seconds)   ARGV[3] seconds that a suggestion lives
-- ARGV[4] events kept    ARGV[5] folio   ARGV[6] conversation   ARGV[7] who
-- ARGV[8] topic          ARGV[9] tone: "" where it was understood rightly
-- ARGV[10…] fields and values of the suggestion
--
-- before: no suggestion, or an earlier one
-- after: this one; none if both topic and tone are ""
-- returns "kept" | "withdrawn" | "same": it says what is kept already, so a repeat changes and tells nothing
local before = redis.call('HMGET', KEYS[1], 'topic', 'tone')
if (before[1] or '') == ARGV[8] and (before[2] or '') == ARGV[9] then
  return 'same'
end
local kind, outcome = 'message_corrected', 'kept'
redis.call('DEL', KEYS[1])
if ARGV[8] == '' and ARGV[9] == '' then
  kind, outcome = 'correction_withdrawn', 'withdrawn'
  redis.call('ZREM', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[1], unpack(ARGV, 10))
  redis.call('EXPIRE', KEYS[1], ARGV[3])
  redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
  redis.call('EXPIRE', KEYS[2], ARGV[3])
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', tonumber(ARGV[2]) - tonumber(ARGV[3]))
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[4], '*', 'kind', kind, 'folio', ARGV[5], 'at', ARGV[2], 'by', ARGV[7],
  'conversation', ARGV[6], 'message', ARGV[1], 'topic', ARGV[8], 'tone', ARGV[9])
return outcome
