-- Count one more time in the present window, which begins with the first.
--
-- KEYS[1] throttle  string: times counted     ARGV[1] seconds of a window
-- returns the times so far, this one included
redis.call('SET', KEYS[1], 0, 'EX', ARGV[1], 'NX')
return redis.call('INCR', KEYS[1])
