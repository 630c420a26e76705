-- Read cases, each as one text: many short fields would cost a reader more than the script costs the store.
--
-- KEYS[1…] cases  hashes
-- returns a list of JSON objects of all fields, in the order of the keys; "" for a case that does not exist
local found = {}
for i, key in ipairs(KEYS) do
  local pairs_of_case, fields = redis.call('HGETALL', key), {}
  for j = 1, #pairs_of_case, 2 do
    fields[pairs_of_case[j]] = pairs_of_case[j + 1]
  end
  found[i] = #pairs_of_case > 0 and cjson.encode(fields) or ''
end
return found
