use super::*;

fn shown(url: &str) -> String {
    match parse(url) {
        Ok(address) => {
            let Address {
                is_tls,
                service,
                database,
                user,
                ..
            } = &address;
            format!("{address} tls={is_tls} {service:?} {database} {user:?}")
        }
        Err(problem) => problem.to_owned(),
    }
}

#[test]
fn an_address_is_one_server_or_sentinels() {
    let cases = [
        ("redis://127.0.0.1", "127.0.0.1:6379 tls=false None 0 None"),
        (
            "rediss://redis.example.com",
            "redis.example.com:6379 tls=true None 0 None",
        ),
        (
            "rediss://ada@r.example:7000/3",
            "r.example:7000 tls=true None 3 Some(\"ada\")",
        ),
        ("redis://[::1]:80/", "[::1]:80 tls=false None 0 None"),
        (
            "redis+sentinel://a,b:1/main",
            "a:26379,b:1 tls=false Some(\"main\") 0 None",
        ),
        (
            "rediss+sentinel://a/main/2",
            "a:26379 tls=true Some(\"main\") 2 None",
        ),
    ];
    for (url, expected) in cases {
        assert_eq!(shown(url), expected, "{url}");
    }
}

#[test]
fn another_address_is_refused_with_the_reason() {
    let cases = [
        ("127.0.0.1:6379", "is not a URL"),
        ("http://a", "has another scheme than `redis` and `rediss`"),
        (
            "redis://user:secret@a",
            "has a password, which belongs to another setting",
        ),
        (
            "redis://:secret@a",
            "has a password, which belongs to another setting",
        ),
        ("rediss://a/#insecure", "has a query or a fragment"),
        ("rediss://a?protocol=resp3", "has a query or a fragment"),
        ("redis://", "has an invalid host or port"),
        ("redis://a:70000", "has an invalid host or port"),
        (
            "redis://a,b",
            "has several hosts, which only sentinels may have",
        ),
        ("redis://a/x", "has an invalid database"),
        (
            "redis+sentinel://a",
            "does not name the service of its sentinels",
        ),
    ];
    for (url, problem) in cases {
        assert_eq!(shown(url), problem, "{url}");
    }
}

#[test]
fn only_this_machine_is_loopback() {
    for (url, expected) in [
        ("redis://localhost", true),
        ("redis://127.8.9.1:1", true),
        ("redis://[::1]", true),
        ("redis://10.0.0.1", false),
        ("redis+sentinel://localhost/main", false),
    ] {
        assert_eq!(parse(url).unwrap().is_loopback(), expected, "{url}");
    }
}
