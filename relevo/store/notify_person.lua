-- For scripts that tell somebody of the roster something; this text stands before theirs.
--
-- notifications  sorted set: matters of which one person was told and that nobody has seen to, by when (UTC epoch
--                seconds)          notified  plain set: everyone who has such a set
-- limits         { seconds that a notification is kept, most that one person has }
-- A matter stands there once, by when the person was told of it last; telling again is harmless.
local function notify(notifications, notified, person, matter, now, limits)
  redis.call('ZADD', notifications, now, matter)
  redis.call('ZREMRANGEBYSCORE', notifications, '-inf', tonumber(now) - tonumber(limits[1]))
  redis.call('ZREMRANGEBYRANK', notifications, 0, -1 - tonumber(limits[2]))
  redis.call('EXPIRE', notifications, limits[1])
  redis.call('SADD', notified, person)
  redis.call('EXPIRE', notified, limits[1])
end

