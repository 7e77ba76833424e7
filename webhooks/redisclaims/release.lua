-- KEYS[1] the event; ARGV the claim's token, a name of the call, and for how many ms
-- that name is kept.
local claim = redis.call('HMGET', KEYS[1], 'token', 'until', 'released')
local token, lapses, released = claim[1], claim[2], claim[3]
if released == ARGV[2] then
	return 1 -- the client sent the call again: the response to the first was lost
end
if not lapses or token ~= ARGV[1] then
	return 0
end
redis.call('HDEL', KEYS[1], 'token', 'until') -- needs no memory: see done.lua
-- The event is free, whatever becomes of these.
redis.pcall('HSET', KEYS[1], 'released', ARGV[2])
redis.pcall('PEXPIRE', KEYS[1], ARGV[3])
return 1
