-- Have conversations visited at a time at the latest; whoever is visiting one sees that it was marked anew.
--
-- KEYS[1] marks  sorted set: conversations with something in their list, by time
-- ARGV[1] when to visit them at the latest  ARGV[2…] conversations; one that isn't marked stays so
-- returns how many are marked
local marked = 0
for i = 2, #ARGV do
  local mark = redis.call('ZSCORE', KEYS[1], ARGV[i])
  if mark then
    -- Another number even if it is due already, as in touch_mark.lua: what the visit has read may be out of date.
    local anew = math.min(tonumber(mark) - 0.000001, tonumber(ARGV[1]))
    redis.call('ZADD', KEYS[1], string.format('%.17g', anew), ARGV[i])
    marked = marked + 1
  end
end
return marked
