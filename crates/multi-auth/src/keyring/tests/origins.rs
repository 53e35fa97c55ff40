//! Which origins get a credential.

use url::Url;

use super::*;
use crate::InputProblem;

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
fn other_origins_get_no_credential() {
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
fn a_request_in_origin_form_has_the_default_origin() {
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
fn plain_http_needs_the_dangerous_constructor() {
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
