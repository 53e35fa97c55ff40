//! The URL in a proof.

use url::Url;

use super::*;
use crate::dpop::target;

fn htu(url: &str) -> String {
    let parts = get(url);
    target::of(&RequestHead::from_parts(&parts)).unwrap()
}

#[test]
fn the_url_has_no_user_query_or_fragment_and_is_normalized() {
    for (url, expected) in [
        ("https://a.example/p", "https://a.example/p"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example?q=1", "https://a.example/"),
        ("https://a.example/p?q=1&r=/x", "https://a.example/p"),
        ("https://u:p@a.example/p", "https://a.example/p"),
        ("https://A.Example/P", "https://a.example/P"),
        ("HTTPS://a.example/p", "https://a.example/p"),
        ("https://a.example:443/p", "https://a.example/p"),
        ("https://a.example:8443/p", "https://a.example:8443/p"),
        ("http://a.example:80/p", "http://a.example/p"),
        ("http://a.example:443/p", "http://a.example:443/p"),
        ("https://[2001:DB8::1]/p", "https://[2001:db8::1]/p"),
        ("https://[::1]:8443", "https://[::1]:8443/"),
        (
            "https://a.example/%7Eu/./b//c",
            "https://a.example/%7Eu/./b//c",
        ),
        ("wss://a.example/socket?q", "https://a.example/socket"),
        ("ws://127.0.0.1:80/socket", "http://127.0.0.1/socket"),
    ] {
        assert_eq!(htu(url), expected, "{url}");
    }
}

#[test]
fn a_url_of_the_url_crate_gives_the_same() {
    let (url, method) = ("https://u@A.Example:443?q#f", http::Method::GET);
    let (url, headers) = (Url::parse(url).unwrap(), HeaderMap::new());
    let extensions = http::Extensions::new();
    let request = RequestHead::from_url(&method, &url, &headers, &extensions);
    assert_eq!(target::of(&request).unwrap(), "https://a.example/");
}

#[test]
fn the_host_that_the_caller_sets_is_proved() {
    for (host, expected) in [
        ("B.example", "https://b.example/p"),
        ("b.example:443", "https://b.example/p"),
        ("b.example:8443", "https://b.example:8443/p"),
    ] {
        let mut parts = get("https://127.0.0.1:9000/p");
        parts.headers.insert("host", host.parse().unwrap());
        let request = RequestHead::from_parts(&parts);
        assert_eq!(target::of(&request).unwrap(), expected, "{host}");
    }
}

#[test]
fn a_request_in_origin_form_needs_a_default_origin() {
    let parts = get("/p?q");
    let request = RequestHead::from_parts(&parts);
    let error = target::of(&request).unwrap_err().to_string();
    assert!(error.contains("names no scheme"), "{error}");
    let origin = Url::parse("https://a.example:8443").unwrap();
    let request = request.with_default_origin(&origin);
    assert_eq!(target::of(&request).unwrap(), "https://a.example:8443/p");
    // The target of `OPTIONS *` (RFC 9110, 7.1).
    let parts = get("*");
    let request = RequestHead::from_parts(&parts).with_default_origin(&origin);
    assert_eq!(target::of(&request).unwrap(), "https://a.example:8443/");
}
