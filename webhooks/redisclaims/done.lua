-- KEYS[1] the event; ARGV the claim's token and the retention in ms.
local claim = redis.call('HMGET', KEYS[1], 'token', 'done')
local token, done = claim[1], claim[2]
if token ~= ARGV[1] then
	return 0
end
if done then
	return 1 -- again: the answer to the first call may have been lost
end
redis.call('HSET', KEYS[1], 'done', 1)
redis.call('HDEL', KEYS[1], 'until')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
