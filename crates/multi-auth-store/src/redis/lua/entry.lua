-- KEYS: the entry, and its lease.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = redis.call('HMGET', KEYS[1], 'revision', 'published', 'failures', 'sealed', 'refused', 'until')
local revision = tonumber(fields[1] or 0)

local function answer(state, pause)
    return {now, state, revision, tonumber(fields[2] or now), tonumber(fields[3] or 0), fields[4], pause or 0}
end

