-- Read what a turn needs in one step: the snapshot and the events after it.
--
-- KEYS[1] log       stream of tracker events, field `e` = the event as JSON
-- KEYS[2] snapshot  hash: `start` = id of the last event folded into it, `state` = the folded state as JSON
-- returns { state or "", start or "0-0", { {id, {"e", json}}, … } }; an empty list for an unknown conversation
local snapshot = redis.call('HMGET', KEYS[2], 'state', 'start')
local start = snapshot[2] or '0-0'
return { snapshot[1] or '', start, redis.call('XRANGE', KEYS[1], '(' .. start, '+') }
