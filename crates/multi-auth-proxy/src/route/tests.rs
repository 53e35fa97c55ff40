use super::is_ambiguous;

#[test]
fn paths_that_servers_read_in_different_ways_are_ambiguous() {
    let ambiguous = [
        "/..",
        "/../x",
        "/a/../b",
        "/a/./b",
        "/a/.",
        "/%2e%2E/b",
        "/.%2e/b",
        "/a//b",
        "//",
        "/a\\b",
        "/a%2fb",
        "/a%5Cb",
        "/..;/x",
        "/.;a=1/x",
        "/%252e%252e/x",
        "/a%00",
        "*",
        "a",
        "/x/%25%32e%25%32e/y",
        "/%c0%ae%c0%ae/y",
        "/x/..%3b/y",
        "/x/..%09/y",
        "/%ef%bc%8e%ef%bc%8e/y",
    ];
    for path in ambiguous {
        assert!(is_ambiguous(path), "{path}");
    }
    for path in [
        "", "/", "/a", "/a/", "/a.b/..c", "/a;b=1/c", "/a%20b", "/%25",
    ] {
        assert!(!is_ambiguous(path), "{path}");
    }
}
