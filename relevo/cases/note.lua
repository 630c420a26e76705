-- Keep a note among colleagues; the customer never sees it.
--
-- KEYS[6] lapses
-- ARGV[10] the note  ARGV[11] by when who has the case, if they write it, must give the next sign; "" for as before
-- before and after: any state
-- outcome "case_noted"
local over = refused()
if over then
  return over
end
if is_theirs() and ARGV[11] ~= '' and redis.call('ZSCORE', KEYS[6], folio) then
  must_sign(KEYS[6], ARGV[11])
end
return made('case_noted', 'note', ARGV[10])
