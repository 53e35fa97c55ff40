-- ARGV: 1 the owner of a lease, 2 its lifetime in milliseconds.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
    return 0
end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
