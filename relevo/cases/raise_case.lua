-- Raise an open hand-off that nobody has taken yet: something graver came up.
--
-- KEYS[6] waiting line of its area so far  KEYS[7] waiting line of its new area
-- ARGV[10] rank  ARGV[11] score in the line  ARGV[12] "1" if the reason is graver at the same rank too
-- ARGV[13…] field, value, … of the case that change
-- before: waiting, less grave (a higher rank, or an equal one)          after: waiting in the new line
-- outcome "case_raised" | "unchanged" (claimed, closed or as grave already)
local over = refused()
if over then
  return over
end
local rank, new_rank = number('rank'), tonumber(ARGV[10])
local is_graver = rank > new_rank or (rank == new_rank and ARGV[12] == '1')
if state ~= 'waiting' or not is_graver then
  return ends('unchanged')
end
redis.call('HSET', case, unpack(ARGV, 13))
redis.call('ZREM', KEYS[6], folio)
redis.call('ZADD', KEYS[7], ARGV[11], folio)
look_at_once(case, folio)
return made('case_raised', 'trigger', get('trigger'), 'area', get('area'))
