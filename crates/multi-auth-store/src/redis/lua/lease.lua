-- ARGV: 1 the owner of a lease, 2 its lifetime in milliseconds. Takes the lease. A pause does not
-- count: a person who logs in does not wait for it.
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= '!' and holder ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1
