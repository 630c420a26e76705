-- Keep how the customer liked what was done; they may think better of it later.
--
-- KEYS[6] rated_of  string: folio of the case that the conversation's customer may rate
-- ARGV[10] score, 1 to 5  ARGV[11] comment, "" for none
-- before and after: closed
-- outcome "case_rated" | "unchanged" (the same again, or meanwhile another case is to be rated)
local over = refused()
if over then
  return over
end
if redis.call('GET', KEYS[6]) ~= folio or get('rating') == ARGV[10] and get('rating_comment') == ARGV[11] then
  return ends('unchanged')
end
redis.call('HSET', case, 'rating', ARGV[10], 'rating_comment', ARGV[11])
return made('case_rated', 'score', ARGV[10], 'note', ARGV[11])
