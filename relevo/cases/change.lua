-- What all changes of a case share; this text stands before the script of each verb (see changes.py).
--
-- KEYS[1] case  KEYS[2] changes  KEYS[3] history  KEYS[4] events  KEYS[5] outbox  KEYS[6…] of the verb
-- the last of KEYS: targets  sorted set: folio by when the clock must look at the case's targets
-- ARGV[1] folio  ARGV[2] id of the change: it is made once  ARGV[3] who makes it  ARGV[4] now
-- ARGV[5] area and ARGV[6] holder of the case as the caller has read them: KEYS were chosen by them
-- ARGV[7] message to the customer (JSON), "" for none
-- ARGV[8] events kept  ARGV[9] seconds that changes are remembered  ARGV[10…] of the verb
-- returns { outcome, fields of the case (JSON) }; only with the verb's own outcome, or "repeated" if it
-- was made before, the change is in. "unknown": no such case; "stale": read it again, area or holder are others
local case, folio, change, by, now = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local state = redis.call('HGET', case, 'state')
local targets = KEYS[#KEYS]

local function get(name)
  return redis.call('HGET', case, name) or ''
end

-- 0 for what a case of an earlier version doesn't have.
local function number(name)
  return tonumber(get(name)) or 0
end

local function ends(outcome)
  local flat, fields = redis.call('HGETALL', case), {}
  for i = 1, #flat, 2 do
    fields[flat[i]] = flat[i + 1]
  end
  return { outcome, cjson.encode(fields) }
end

-- How the change ends before it begins; nil if it may go on.
local function refused()
  if not state then
    return ends('unknown')
  end
  if redis.call('SISMEMBER', KEYS[2], change) == 1 then
    return ends('repeated')
  end
  if get('area') ~= ARGV[5] or get('claimed_by') ~= ARGV[6] then
    return ends('stale')
  end
end

-- Whether whoever makes the change has the case.
local function is_theirs()
  return (state == 'claimed' or state == 'waiting_for_customer') and get('claimed_by') == by
end

-- The same as `refused`, and the case must be theirs.
local function refused_unless_theirs()
  local over = refused()
  if not over and not is_theirs() then
    return ends('not_yours')
  end
  return over
end

-- What runs in a case has changed: the clock must look at it at once. Each time has a score of its own, by which
-- the clock knows whether it changed again while it looked.
local function look_at_once(key, other)
  redis.call('ZADD', targets, -redis.call('HINCRBY', key, 'target_changes', 1), other)
end

-- The case leaves its person's hands, and the clock's eyes until it stands in a line again. If it waited for the
-- customer and goes on, that time is given back: it must be resolved by `resolution_by` then; nil where it ends.
local function let_go(in_hand, claimed, lapses, resolution_by)
  if resolution_by and state == 'waiting_for_customer' then
    redis.call('HSET', case, 'resolution_by', resolution_by)
  end
  redis.call('SREM', in_hand, folio)
  redis.call('ZREM', claimed, folio)
  redis.call('ZREM', lapses, folio)
  redis.call('ZREM', targets, folio)
  redis.call('HSET', case, 'claimed_by', '', 'claimed_person', '', 'claimed_at', '0.0', 'paused_at', '0.0')
end

-- The case stands in a line, and its customer may hear of the wait from then on; '' for never.
local function stand_in_line(waiting, score, told, tells_at)
  look_at_once(case, folio)
  redis.call('HSET', case, 'state', 'waiting')
  redis.call('ZADD', waiting, score, folio)
  if tells_at ~= '' then
    redis.call('ZADD', told, tells_at, folio)
  end
end

-- By when the person who has the case must give a sign; '' if they owe none.
local function must_sign(lapses, by_when)
  if by_when == '' then
    redis.call('ZREM', lapses, folio)
  else
    redis.call('ZADD', lapses, by_when, folio)
  end
end

-- The conversation is no longer the case's hand-off; where it is another one's, the bot stays silent, and the
-- message is the one for that.
local function give_back(hand_off_of, silently)
  if redis.call('GET', hand_off_of) == folio then
    redis.call('DEL', hand_off_of)
  elseif redis.call('EXISTS', hand_off_of) == 1 then
    ARGV[7] = silently
  end
end

-- The case stands in none of these lists any more: sorted sets, and plain sets.
local function leave(sorted, plain)
  for _, key in ipairs(sorted) do
    redis.call('ZREM', key, folio)
  end
  for _, key in ipairs(plain) do
    redis.call('SREM', key, folio)
  end
end

-- What is closed is kept for so many seconds, with its history.
local function keep(seconds)
  redis.call('EXPIRE', case, seconds)
  redis.call('EXPIRE', KEYS[3], seconds)
end

-- The change is in: remember it, tell the desk and the case's history of it, and put its message in the outbox.
-- What follows the kind (field, value, …) stands in the history alone: it may hold what people wrote.
local function made(kind, ...)
  redis.call('SADD', KEYS[2], change)
  redis.call('EXPIRE', KEYS[2], ARGV[9])
  redis.call('XADD', KEYS[3], '*', 'kind', kind, 'at', now, 'by', by, ...)
  redis.call('XADD', KEYS[4], 'MAXLEN', '~', ARGV[8], '*',
    'kind', kind, 'folio', folio, 'at', now, 'by', by, 'conversation', get('conversation'))
  if ARGV[7] ~= '' then
    redis.call('XADD', KEYS[5], '*', 'id', change, 'message', ARGV[7])
  end
  return ends(kind)
end

