-- ARGV: 1 the owner of a lease, 2 the revision that the entry had, 3 the sealed entry, 4 how long its
-- access token is valid ('': there is none), 5 how long the entry is kept (0: without a limit), 6
-- whether the lease ends. Times are in milliseconds. Returns the new revision, or 0 if the entry is
-- newer.
local fields = redis.call('HMGET', KEYS[1], 'revision', 'sealed')
local revision = tonumber(fields[1] or 0)
local expected = tonumber(ARGV[2])
local holder = redis.call('GET', KEYS[2])
local ends = ARGV[6] == '1'

local function release()
    if ends and (holder == ARGV[1] or holder == '!') then
        redis.call('DEL', KEYS[2])
    end
end

if revision > expected then
    release()
    -- The client may have sent the same twice, because an answer was lost.
    return fields[2] == ARGV[3] and revision or 0
end
if ends and holder and holder ~= '!' and holder ~= ARGV[1] then
    -- The next holder may have presented the refresh token of this entry already.
    return 0
end

-- Microseconds, so that a revision never comes back, not even after the server has lost the entry.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
revision = math.max(revision, expected, time[1] * 1000000 + time[2] - 1) + 1

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'revision', string.format('%.0f', revision), 'published', now, 'sealed', ARGV[3])
if ARGV[4] == 'unknown' then
    redis.call('HSET', KEYS[1], 'until', ARGV[4])
elseif ARGV[4] ~= '' then
    redis.call('HSET', KEYS[1], 'until', now + ARGV[4])
end
if ARGV[5] ~= '0' then
    redis.call('PEXPIRE', KEYS[1], ARGV[5])
end
release()
return revision
