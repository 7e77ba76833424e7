-- KEYS[1] the event; ARGV the claim's token, its lease in ms, and for how many ms more
-- the claim is kept.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local claim = redis.call('HMGET', KEYS[1], 'token', 'until')
local token, lapses = claim[1], claim[2]
if token and not lapses then
	return 2 -- done
end
if token == ARGV[1] then
	return 1 -- the client sent the call again: the response to the first was lost
end
if token and tonumber(lapses) > now then
	return 0
end
-- The first write is the one that Redis refuses where it is full: see done.lua.
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', string.format('%.0f', now + ARGV[2]))
local expires = redis.pcall('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
if type(expires) == 'table' then -- an error, and nobody would ever delete the key
	redis.call('HDEL', KEYS[1], 'token', 'until')
	return expires
end
return 1
