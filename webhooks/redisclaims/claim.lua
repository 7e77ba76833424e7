-- KEYS[1] the event; ARGV the claim's token, its lease in ms, and for how many ms more
-- the claim is kept.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local claim = redis.call('HMGET', KEYS[1], 'token', 'until', 'done')
local token, lapses, done = claim[1], claim[2], claim[3]
if done then
	return 2
end
if token == ARGV[1] then
	return 1 -- the client sent the call again: the answer to the first was lost
end
if lapses and tonumber(lapses) > now then
	return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
return 1
