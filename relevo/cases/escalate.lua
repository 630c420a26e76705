-- Take the next step of the plan's escalation for a target that is at risk or missed: somebody above is notified, the
-- case may become graver and move forward in its line, and the customer may hear of it.
--
-- KEYS[6] waiting line of its area  KEYS[7] notifications of who is told  KEYS[8] notified
-- ARGV[10] state and ARGV[11] score in `targets` as the clock has seen them: what runs has not changed since
-- ARGV[12] the target  ARGV[13] steps taken for it before  ARGV[14] "at_risk" or "missed"  ARGV[15] who is told
-- ARGV[16] priority  ARGV[17] rank  ARGV[18] score in the line with it
-- ARGV[19] what the customer has been told of a late answer after this step, ""
-- ARGV[20] why the plan's trigger for this fired (JSON), "" if it has none
-- ARGV[21] what the notification is about  ARGV[22] and ARGV[23] limits of notifications
-- before: a person must see to it          after: one more step is taken; the state stays
-- outcome "case_escalated" | "unchanged" (something has changed, or another clock was faster)
local over = refused()
if over then
  return over
end
local steps = ARGV[12] .. '_steps'
local seen = redis.call('ZSCORE', targets, folio)
if state ~= ARGV[10] or not seen or tonumber(seen) ~= tonumber(ARGV[11]) or number(steps) ~= tonumber(ARGV[13]) then
  return ends('unchanged')
end
redis.call('HINCRBY', case, steps, 1)
redis.call('HSET', case, 'told_person', ARGV[15], 'told_late', ARGV[19], 'priority', ARGV[16], 'rank', ARGV[17],
  'event_explanation', ARGV[20])
if state == 'waiting' then
  redis.call('ZADD', KEYS[6], 'XX', ARGV[18], folio)
end
notify(KEYS[7], KEYS[8], ARGV[15], ARGV[21], now, { ARGV[22], ARGV[23] })
return made('case_escalated', 'target', ARGV[12], 'late', ARGV[14], 'person', ARGV[15])
