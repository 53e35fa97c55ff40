-- ARGV: 1 the owner of a lease. Removes the lease if the caller still owns it.
if redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('DEL', KEYS[2])
end
return redis.status_reply('OK')
