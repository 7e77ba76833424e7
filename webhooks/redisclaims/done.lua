-- KEYS[1] the event; ARGV the claim's token and the retention in ms.
--
-- Redis undoes nothing of a script that fails, and a full one refuses a script's first
-- write if that may need memory. So what marks the event needs none: it is done when
-- 'until' is gone and the token is not. What comes before that leaves it in flight.
local claim = redis.call('HMGET', KEYS[1], 'token', 'until')
local token, lapses = claim[1], claim[2]
if token ~= ARGV[1] then
	return 0
end
if not lapses then
	return 1 -- again: the response to the first call may have been lost
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('HDEL', KEYS[1], 'until')
redis.pcall('HSET', KEYS[1], 'done', 1) -- for people
return 1
