use http::{HeaderValue, Request};

use super::write::MAX_SECRET;
use super::*;
use crate::{InputProblem, SecretProblem};

/// What `placement` puts on `GET https://a.example/`, as `(target, fields)`.
fn wire(placement: &Placement, value: &str) -> (String, Vec<String>) {
    let mut parts = Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    placement
        .credential(&value.into())
        .unwrap()
        .attach(&mut parts)
        .unwrap();
    let fields = parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
    (parts.uri.to_string(), fields.collect())
}

fn field(placement: &Placement, value: &str) -> String {
    wire(placement, value).1.remove(0)
}

fn problem(placement: &Placement, value: &str) -> SecretProblem {
    placement.attachment(&value.into()).err().unwrap()
}

#[test]
fn a_secret_is_where_the_placement_says() {
    assert_eq!(
        field(&Placement::authorization(), "k-1"),
        "authorization: k-1"
    );
    assert_eq!(
        field(&Placement::bearer(), "t-1"),
        "authorization: Bearer t-1"
    );
    assert_eq!(
        field(&Placement::basic(), "u:p"),
        "authorization: Basic dTpw"
    );
    assert_eq!(
        field(&Placement::header("X-API-Key").unwrap(), "k-1"),
        "x-api-key: k-1"
    );
    assert_eq!(
        field(&Placement::cookie("session").unwrap(), "s-1"),
        "cookie: session=s-1"
    );
    assert_eq!(
        wire(&Placement::query("api key").unwrap(), "k 1+&=é").0,
        "https://a.example/?api%20key=k%201%2B%26%3D%C3%A9"
    );
}

#[test]
fn a_prefix_precedes_the_key_exactly_once() {
    let token = Placement::authorization().with_prefix("Token ").unwrap();
    assert_eq!(field(&token, "k-1"), "authorization: Token k-1");
    assert_eq!(problem(&token, "Token k-1"), SecretProblem::PrefixTwice);
    let quoted = Placement::authorization()
        .with_prefix("Token token=")
        .unwrap();
    assert_eq!(field(&quoted, "k-1"), "authorization: Token token=k-1");
}

#[test]
fn names_that_cannot_be_sent_are_refused() {
    for name in ["", "x api", "x:y", "x\n", "é"] {
        assert!(Placement::header(name).is_err(), "{name:?}");
        assert!(Placement::cookie(name).is_err(), "{name:?}");
    }
    assert!(Placement::query("").is_err());
    assert!(Placement::authorization().with_prefix("To\nken ").is_err());
}

#[test]
fn a_field_of_the_connection_or_the_body_cannot_hold_a_key() {
    for name in [
        "Connection",
        "content-length",
        "Content-Type",
        "content-encoding",
        "expect",
        "Host",
        "HTTP2-Settings",
        "keep-alive",
        "proxy-authenticate",
        "Proxy-Authorization",
        "proxy-connection",
        "TE",
        "trailer",
        "transfer-encoding",
        "Upgrade",
    ] {
        let refused = Placement::header(name);
        assert!(
            matches!(
                refused,
                Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
            ),
            "{name}"
        );
        // One of an authenticator's own making is refused when it is attached.
        let own = Credential::header(name.parse().unwrap(), HeaderValue::from_static("1"));
        let mut request = Request::get("https://a.example/").body(()).unwrap();
        let refused = own.attach(&mut request);
        assert!(
            matches!(
                refused,
                Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
            ),
            "{name}"
        );
        assert!(request.headers().is_empty());
    }
    for name in [
        "authorization",
        "x-host",
        "cookie",
        "private-token",
        "apikey",
    ] {
        assert!(Placement::header(name).is_ok(), "{name}");
    }
}

#[test]
fn each_invalid_secret_has_its_own_problem() {
    assert_eq!(problem(&Placement::bearer(), ""), SecretProblem::Empty);
    assert_eq!(
        problem(&Placement::bearer(), "a\nb"),
        SecretProblem::ControlCharacter
    );
    assert_eq!(
        problem(&Placement::query("k").unwrap(), "a\n"),
        SecretProblem::TrailingNewline
    );
    assert_eq!(
        problem(&Placement::authorization(), "schlüssel"),
        SecretProblem::NotAscii
    );
    assert_eq!(
        problem(&Placement::cookie("s").unwrap(), "a;b"),
        SecretProblem::NotCookie
    );
}

#[test]
fn a_secret_over_32_kib_is_refused() {
    let placement = Placement::authorization();
    assert_eq!(
        field(&placement, &"k".repeat(MAX_SECRET)).len(),
        MAX_SECRET + "authorization: ".len()
    );
    assert_eq!(
        problem(&placement, &"k".repeat(MAX_SECRET + 1)),
        SecretProblem::TooLong
    );
}
