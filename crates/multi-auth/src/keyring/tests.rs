use http::Request;
use http::request::Parts;

use super::*;
use crate::{ApiKey, BindingProblem};

mod accounts;
mod bindings;
mod origins;
mod paths;
mod placements;

fn key(value: &str) -> ApiKey {
    ApiKey::header("x-api-key", value).unwrap()
}

fn bound_to(space: &str) -> Keyring {
    Keyring::builder().bind(space, key("k-1")).unwrap().build()
}

fn parts(uri: &str) -> Parts {
    Request::get(uri).body(()).unwrap().into_parts().0
}

/// The key that a request gets, if it gets one.
fn attached(keyring: &Keyring, mut request: Parts) -> Result<Option<String>, AuthError> {
    let ready = keyring.ready(&RequestHead::from_parts(&request)).unwrap();
    ready?.attach(&mut request)?;
    Ok(request
        .headers
        .get("x-api-key")
        .map(|value| value.to_str().unwrap().to_owned()))
}

fn reaches(space: &str, uri: &str) -> bool {
    attached(&bound_to(space), parts(uri)).unwrap().is_some()
}

#[test]
fn spellings_of_one_origin_get_the_credential() {
    for (space, uri) in [
        ("https://api.example.com", "https://api.example.com/x"),
        ("https://api.example.com", "https://api.example.com:443/x"),
        ("https://api.example.com:443", "https://api.example.com/x"),
        ("https://API.example.com", "https://api.EXAMPLE.com/x"),
        ("https://api.example.com", "https://user@api.example.com/x"),
        (
            "https://api.example.com",
            "https://user:pass@api.example.com:/x",
        ),
        ("https://bücher.example", "https://xn--bcher-kva.example/x"),
        ("https://[2001:db8::1]", "https://[2001:DB8:0:0::1]/x"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/x"),
        ("http://0x7f000001:8080", "http://127.0.0.1:8080/x"),
        ("http://[::1]:80", "http://[::1]/x"),
        ("https://api.example.com", "wss://api.example.com/x"),
    ] {
        assert!(reaches(space, uri), "{space} {uri}");
    }
}

#[test]
fn other_origins_get_nothing() {
    for (space, uri) in [
        ("https://api.example.com", "http://api.example.com/x"),
        ("https://api.example.com", "http://api.example.com:443/x"),
        ("https://api.example.com", "https://api.example.com:8443/x"),
        ("https://api.example.com", "https://example.com/x"),
        ("https://api.example.com", "https://www.api.example.com/x"),
        (
            "https://api.example.com",
            "https://api.example.com.evil.com/x",
        ),
        (
            "https://api.example.com",
            "https://api.example.com:@evil.com/x",
        ),
        (
            "https://api.example.com",
            "https://api.example.com@evil.com/x",
        ),
        (
            "https://api.example.com",
            "https://evil.com/api.example.com",
        ),
        ("https://api.example.com", "https://api.example.com./x"),
        ("https://api.example.com", "https://api.example.com:4,43/x"),
        ("https://api.example.com", "https://api.example.com:65979/x"),
        ("https://api.example.com", "https://api.example.com:+443/x"),
        ("https://[::1]", "https://[::1]evil/x"),
        ("https://[::1]:8443", "https://[::1]evil:8443/x"),
        ("https://[::1]:8443", "https://[0::1]evil:8443/x"),
        ("https://api.example.com", "ftp://api.example.com/x"),
        ("https://api.example.com", "/x"),
        ("http://127.0.0.1:8080", "http://[::1]:8080/x"),
        ("http://127.0.0.1:8080", "http://localhost:8080/x"),
        ("http://localhost:8080", "http://127.0.0.1:8080/x"),
        ("https://[2001:db8::1]", "https://[2001:db8::2]/x"),
    ] {
        assert!(!reaches(space, uri), "{space} {uri}");
    }
    let long = format!("https://{}.example/x", "A".repeat(300));
    assert!(!reaches("https://api.example.com", &long));
}

#[test]
fn a_url_is_looked_up_like_a_uri() {
    let keyring = bound_to("https://bücher.example/v1");
    for (url, expected) in [
        ("https://BÜCHER.example:443/v1/x", true),
        ("https://bücher.example/v2", false),
    ] {
        let (url, head) = (Url::parse(url).unwrap(), parts("/"));
        let view = RequestHead::from_url(&head.method, &url, &head.headers, &head.extensions);
        assert_eq!(
            !keyring.ready(&view).unwrap().unwrap().is_empty(),
            expected,
            "{url}"
        );
    }
}

#[test]
fn a_request_in_origin_form_takes_the_origin_it_is_given() {
    let (keyring, origin) = (
        bound_to("https://api.example.com"),
        Url::parse("https://api.example.com").unwrap(),
    );
    let head = parts("/x");
    let view = RequestHead::from_parts(&head).with_default_origin(&origin);
    assert!(!keyring.ready(&view).unwrap().unwrap().is_empty());
    let foreign = parts("https://evil.com/x");
    let view = RequestHead::from_parts(&foreign).with_default_origin(&origin);
    assert!(keyring.ready(&view).unwrap().unwrap().is_empty());
}

/// A service below that joins target and origin would send the key to `evil.com`.
#[test]
fn a_target_that_may_lead_to_another_origin_than_the_default_is_an_error() {
    let (keyring, origin) = (
        bound_to("https://api.example.com"),
        Url::parse("https://api.example.com").unwrap(),
    );
    for target in [
        "//evil.com/x",
        r"/\evil.com/x",
        "/.//evil.com",
        "/%5cevil.com",
        "/%2fevil.com",
    ] {
        let head = parts(target);
        let view = RequestHead::from_parts(&head);
        let refused = keyring.ready(&view.with_default_origin(&origin)).unwrap();
        assert!(
            matches!(
                refused,
                Err(AuthError::Unbound {
                    problem: BindingProblem::ForeignTarget,
                    ..
                })
            ),
            "{target}"
        );
        // Without a default origin it has none.
        assert!(
            keyring.ready(&view).unwrap().unwrap().is_empty(),
            "{target}"
        );
    }
    for target in ["/x//y", "/", "/?x=//evil.com"] {
        let head = parts(target);
        let view = RequestHead::from_parts(&head).with_default_origin(&origin);
        assert!(
            !keyring.ready(&view).unwrap().unwrap().is_empty(),
            "{target}"
        );
    }
    // A proxy is asked by these, and not the default origin.
    let head = Request::connect("evil.com:443").body(()).unwrap();
    let head = head.into_parts().0;
    let view = RequestHead::from_parts(&head).with_default_origin(&origin);
    assert!(keyring.ready(&view).unwrap().unwrap().is_empty());
}

#[test]
fn a_path_that_servers_read_in_several_ways_is_an_error_where_only_prefixes_are_bound() {
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

#[test]
fn an_account_chooses_its_own_key_and_never_anothers() {
    let space = |name: &str| {
        ProtectionSpace::new("https://a.example")
            .unwrap()
            .with_account(Account::new(name))
    };
    let keyring = Keyring::builder()
        .bind(space("north"), key("n"))
        .unwrap()
        .bind(space("south"), key("s"))
        .unwrap()
        .build();
    let as_account = |name: &str| {
        let mut request = parts("https://a.example/");
        request.extensions.insert(Account::new(name));
        attached(&keyring, request)
    };

    assert_eq!(as_account("north").unwrap().unwrap(), "n");
    assert_eq!(as_account("south").unwrap().unwrap(), "s");
    assert!(matches!(
        as_account("east"),
        Err(AuthError::Unbound {
            problem: BindingProblem::UnknownAccount { .. },
            ..
        })
    ));
    let unnamed = attached(&keyring, parts("https://a.example/"));
    assert!(matches!(
        unnamed,
        Err(AuthError::Unbound {
            problem: BindingProblem::AccountRequired,
            ..
        })
    ));
}

#[test]
fn an_account_means_nothing_to_an_origin_without_bindings() {
    let mut request = parts("https://b.example/");
    request.extensions.insert(Account::new("north"));
    assert_eq!(
        attached(&bound_to("https://a.example"), request).unwrap(),
        None
    );
}

#[test]
fn a_request_can_opt_out() {
    let mut request = parts("https://a.example/");
    request.extensions.insert(Anonymous);
    assert_eq!(
        attached(&bound_to("https://a.example"), request).unwrap(),
        None
    );
}

#[test]
fn a_request_outside_all_protection_spaces_is_refused_by_choice() {
    let keyring = Keyring::builder()
        .bind("https://a.example", key("k"))
        .unwrap()
        .refuse_unbound()
        .build();
    let refused = attached(&keyring, parts("https://b.example:8443/secret?q=1"));
    assert!(
        matches!(refused, Err(AuthError::Unbound { origin, problem: BindingProblem::NoBinding }) if origin == "https://b.example:8443")
    );
}

#[test]
fn two_bindings_for_one_protection_space_are_refused() {
    let twice = |first: &str, second: &str| {
        Keyring::builder()
            .bind(first, key("a"))
            .unwrap()
            .bind(second, key("b"))
    };
    assert!(matches!(
        twice("https://a.example", "https://A.example:443/"),
        Err(AuthError::Invalid(InputProblem::DuplicateBinding { .. }))
    ));
    assert!(matches!(
        twice("https://a.example/v1", "https://a.example/v1/"),
        Err(AuthError::Invalid(InputProblem::DuplicateBinding { .. }))
    ));
    assert!(twice("https://a.example/v1", "https://a.example/v2").is_ok());
}

#[test]
fn plain_http_needs_a_dangerous_protection_space() {
    assert!(matches!(
        ProtectionSpace::new("http://internal:8080"),
        Err(AuthError::Invalid(InputProblem::Url { .. }))
    ));
    let space = ProtectionSpace::dangerous_plain_http("http://internal:8080").unwrap();
    let keyring = Keyring::builder().bind(space, key("k")).unwrap().build();
    assert!(
        attached(&keyring, parts("http://internal:8080/"))
            .unwrap()
            .is_some()
    );
}

/// Clients log its target, hyper-util at WARN.
#[test]
fn a_key_in_the_query_is_not_put_on_a_connect_request() {
    let connect = || {
        let request = Request::connect("https://api.example.com/");
        request.body(()).unwrap().into_parts().0
    };
    let query = || ApiKey::query("api_key", "k-1").unwrap();
    let both = crate::AllOf::new(key("k-1"), query());
    let alone = Keyring::builder().bind("https://api.example.com", query());
    let chained = Keyring::builder().bind("https://api.example.com", both);
    for keyring in [alone, chained] {
        let keyring = keyring.unwrap().build();
        let refused = attached(&keyring, connect());
        assert!(matches!(refused, Err(AuthError::Attach { .. })));
        assert!(attached(&keyring, parts("https://api.example.com/")).is_ok());
    }
    let served = attached(&bound_to("https://api.example.com"), connect());
    assert_eq!(served.unwrap().as_deref(), Some("k-1"));
}

#[test]
fn a_chain_of_two_keys_in_one_place_is_refused_when_it_is_bound() {
    let chain = |one: ApiKey, other: ApiKey| {
        let chain = crate::AllOf::new(one, crate::AllOf::new(key("k-1"), other));
        Keyring::builder().bind("https://api.example.com", chain)
    };
    let query = |name: &str| ApiKey::query(name, "k-1").unwrap();
    let cookie = |name: &str| ApiKey::cookie(name, "k-1").unwrap();
    for refused in [
        chain(query("key"), query("key")),
        chain(cookie("key"), cookie("key")),
        chain(key("k-1"), query("key")),
    ] {
        assert!(matches!(
            refused,
            Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
        ));
    }
    assert!(chain(query("key"), query("other")).is_ok());
    assert!(chain(query("key"), cookie("key")).is_ok());
}

#[test]
fn leaving_a_protection_space_strips_the_placement_of_its_credential() {
    let chain = crate::AllOf::new(key("k-1"), ApiKey::cookie("session", "k-2").unwrap());
    let keyring = Keyring::builder().bind("https://api.example.com", chain);
    let keyring = keyring.unwrap().build();
    let own = Request::get("https://api.example.com/")
        .header("x-api-key", "own")
        .header("cookie", "a=1")
        .header("x-trace", "t-1");
    let mut request = own.body(()).unwrap().into_parts().0;
    let left = parts("https://api.example.com/");
    let left = RequestHead::from_parts(&left);

    keyring.remove_credentials(&left, &mut request.headers);

    let names: Vec<_> = request
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    assert_eq!(names, ["x-trace"]);
}

#[test]
fn protection_spaces_are_equal_by_what_they_cover() {
    use std::collections::HashSet;

    let space = |url: &str| url.parse::<ProtectionSpace>().unwrap();
    let a = space("https://a.example/v1");
    for same in [
        space("https://A.example:443/v1/"),
        space("https://a.example/v1").with_label("other"),
        ProtectionSpace::try_from(url::Url::parse("https://a.example/v1").unwrap()).unwrap(),
    ] {
        assert_eq!(a, same);
        assert!(HashSet::from([a.clone()]).contains(&same));
    }
    let named = a.clone().with_account("north".into());
    for other in [
        space("https://a.example"),
        space("https://a.example:444/v1"),
        named.clone(),
    ] {
        assert_ne!(a, other);
    }
    assert_eq!((a.path(), a.account()), ("/v1", None));
    assert_eq!(
        named.account().map(ToString::to_string).as_deref(),
        Some("north")
    );
    assert!("http://a.example".parse::<ProtectionSpace>().is_err());
}

#[test]
fn bindings_are_listed_in_order_without_secrets() {
    let spaces = [
        "https://b.example:8443/v1",
        "https://a.example",
        "https://b.example:8443/v1/deep/er",
        "http://127.0.0.1:80/x",
        "https://[::1]/%C3%A9",
    ];
    let mut builder = Keyring::builder();
    for url in spaces {
        let key = crate::ApiKey::header("x-key", "canary").unwrap();
        builder = builder.bind(url, key).unwrap();
    }
    let north = ProtectionSpace::new("https://a.example/n").unwrap();
    let north = north.with_account(Account::new("north")).with_label("N");
    let query = crate::ApiKey::query("key", "canary").unwrap();
    let keyring = builder.bind(north.clone(), query).unwrap().build();

    let listed: Vec<_> = keyring.bindings().collect();
    assert_eq!(keyring.bindings().len(), 6);
    for (binding, url) in listed.iter().zip(spaces) {
        assert_eq!(
            *binding.protection_space(),
            ProtectionSpace::new(url).unwrap()
        );
        assert_eq!(binding.placements()[0].to_string(), "x-key: ****");
    }
    let last = &listed[5];
    assert_eq!((last.protection_space(), last.label()), (&north, "N"));
    assert_eq!(listed[0].label(), "b.example:8443");
    assert!(!format!("{listed:?}").contains("canary"));
}
