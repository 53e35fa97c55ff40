-- ARGV: 1 the owner of a lease, 2 a pause in milliseconds. Replaces the lease by the pause, and counts
-- the failure.
if redis.call('GET', KEYS[2]) == ARGV[1] then
    redis.call('SET', KEYS[2], '!', 'PX', ARGV[2])
    redis.call('HINCRBY', KEYS[1], 'failures', 1)
    if redis.call('HEXISTS', KEYS[1], 'revision') == 0 then
        redis.call('PEXPIRE', KEYS[1], 3600000)
    end
end
return redis.status_reply('OK')
