-- KEYS[1] the event; ARGV the claim's token.
local claim = redis.call('HMGET', KEYS[1], 'token', 'done')
local token, done = claim[1], claim[2]
if done or token ~= ARGV[1] then
	return 0
end
redis.call('DEL', KEYS[1])
return 1
