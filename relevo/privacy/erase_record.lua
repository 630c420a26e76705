-- Erase a case or a follow-up, and take it out of every list in which it stands.
--
-- KEYS[1] case:F or follow_up:F  hash      KEYS[2] history:F  stream      KEYS[3] changes:F  set
-- KEYS[4] hand_off_of:C or follow_up_of:C  string: goes if it names this one
-- KEYS[5] case_of:K or follow_up_by:K      string: goes if it names this one
-- KEYS[6] rated_of:C or, of follow-ups, KEYS[4] again   string: goes if it names this one
-- KEYS[7] and KEYS[8] records_of the conversation and the contact
-- KEYS[9…] plain sets, then sorted sets, in which it may stand
-- ARGV[1] folio  ARGV[2] area and ARGV[3] holder as the caller has read them: KEYS were chosen by them
-- ARGV[4] "1" if a person may still have to see to it  ARGV[5] how many of KEYS[9…] are plain sets
-- ARGV[6] what the record is called in KEYS[7] and KEYS[8]
-- before: any state, or gone          after: gone
-- returns "erased" | "gone" (a repeat) | "open" (nothing changed) | "stale" (nothing changed: read it again)
local record = redis.call('HMGET', KEYS[1], 'state', 'area', 'claimed_by')
local state = record[1]
if state and ((record[2] or '') ~= ARGV[2] or (record[3] or '') ~= ARGV[3]) then
  return 'stale'
end
local is_open = state == 'waiting' or state == 'claimed' or state == 'waiting_for_customer'
if is_open and ARGV[4] ~= '1' then
  return 'open'
end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
for i = 4, 6 do
  if redis.call('GET', KEYS[i]) == ARGV[1] then
    redis.call('DEL', KEYS[i])
  end
end
for i = 7, 8 do
  redis.call('ZREM', KEYS[i], ARGV[6])
end
for i = 9, #KEYS do
  local is_plain = i < 9 + tonumber(ARGV[5])
  redis.call(is_plain and 'SREM' or 'ZREM', KEYS[i], ARGV[1])
end
return state and 'erased' or 'gone'
