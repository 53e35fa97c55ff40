-- ARGV: 1 the owner of a lease, 2 its lifetime, 3 the revision that the caller has seen, 4 the
-- revision that the vendor has refused, 5 the shortest lifetime of a token, 6 the deadline. Times are
-- in milliseconds. Returns the entry, or takes its lease.
if ARGV[6] ~= '0' and now > tonumber(ARGV[6]) then
    return answer('late')
end

local refused = tonumber(fields[5] or 0)
if ARGV[4] ~= '0' and tonumber(ARGV[4]) == revision and refused < revision then
    redis.call('HSET', KEYS[1], 'refused', ARGV[4])
    refused = revision
    -- Without the permission, the other processes get refusals of their own.
    redis.pcall('PUBLISH', KEYS[1], ARGV[4])
end

local valid = fields[6] and (fields[6] == 'unknown' or tonumber(fields[6]) > now + ARGV[5])
if valid and revision > tonumber(ARGV[3]) and revision > refused then
    return answer('newer')
end

local holder = redis.call('GET', KEYS[2])
if holder == '!' then
    return answer('paused', redis.call('PTTL', KEYS[2]))
end
if holder and holder ~= ARGV[1] then
    return answer('held', 0, holder)
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return answer('taken')
