//! Which paths get a credential.

use super::*;

#[test]
fn an_ambiguous_path_is_an_error_where_only_prefixes_are_bound() {
    let keyring = bound_to("https://api.example.com/v1");
    for path in [
        "/v1/..;/x",
        "/v1/%e2%80%a5/x",
        "/v1/..::$DATA",
        "/x/../v1/y",
    ] {
        let refused = attached(&keyring, parts(&format!("https://api.example.com{path}")));
        assert!(
            matches!(&refused, Err(AuthError::Unbound { origin, problem: BindingProblem::AmbiguousPath }) if origin == "https://api.example.com:443"),
            "{path}"
        );
        let mut anonymous = parts(&format!("https://api.example.com{path}"));
        anonymous.extensions.insert(Anonymous);
        assert_eq!(attached(&keyring, anonymous).unwrap(), None, "{path}");
    }
    for path in ["/v2/..;/x", "/public/%00"] {
        let unbound = parts(&format!("https://api.example.com{path}"));
        assert_eq!(attached(&keyring, unbound).unwrap(), None, "{path}");
    }
}

#[test]
fn the_longest_path_prefix_wins() {
    let keyring = Keyring::builder()
        .bind("https://a.example", key("all"))
        .unwrap()
        .bind("https://a.example/p/1", key("one"))
        .unwrap()
        .build();
    for (uri, expected) in [
        ("https://a.example/", "all"),
        ("https://a.example/p/1/x", "one"),
        ("https://a.example/p/10", "all"),
        ("https://a.example/p/1/../2", "all"),
    ] {
        assert_eq!(
            attached(&keyring, parts(uri)).unwrap().unwrap(),
            expected,
            "{uri}"
        );
    }
}
