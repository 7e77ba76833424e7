-- KEYS[1] the event; ARGV the claim's token, the retention in ms, and a name of the call.
local claim = redis.call('HMGET', KEYS[1], 'token', 'done')
local token, done = claim[1], claim[2]
if done == ARGV[3] then
	return 1 -- the client sent the call again: the answer to the first was lost
end
if done or token ~= ARGV[1] then
	return 0
end
redis.call('HSET', KEYS[1], 'done', ARGV[3])
redis.call('HDEL', KEYS[1], 'until')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
