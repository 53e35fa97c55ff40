-- KEYS: the entry, and its lease.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = redis.call('HMGET', KEYS[1], 'revision', 'published', 'failures', 'sealed', 'refused', 'until')
local revision = tonumber(fields[1] or 0)

local function answer(state, pause, holder)
    local published, failures = tonumber(fields[2] or now), tonumber(fields[3] or 0)
    return {now, state, revision, published, failures, fields[4], pause or 0, holder or false}
end

