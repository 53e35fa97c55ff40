use http::Request;
use http::request::Parts;

use super::*;
use crate::InputProblem;

fn head() -> Parts {
    Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts()
        .0
}

fn header(basic: &Basic) -> String {
    let mut request = head();
    let credential = basic
        .ready(&RequestHead::from_parts(&request))
        .unwrap()
        .unwrap();
    credential.attach(&mut request).unwrap();
    request.headers["authorization"]
        .to_str()
        .unwrap()
        .to_owned()
}

fn problem(built: Result<Basic, AuthError>) -> SecretProblem {
    match built {
        Err(AuthError::Invalid(InputProblem::Secret { problem, .. })) => problem,
        other => panic!("{other:?}"),
    }
}

/// The vectors of RFC 7617
#[test]
fn user_and_password_are_encoded_as_utf_8() {
    for (user, password, encoded) in [
        ("user", "password123", "dXNlcjpwYXNzd29yZDEyMw=="),
        ("Aladdin", "open sesame", "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
        ("test", "123\u{a3}", "dGVzdDoxMjPCow=="),
        (
            "UmlauteÄüö",
            "a&Secret%!23",
            "VW1sYXV0ZcOEw7zDtjphJlNlY3JldCUhMjM=",
        ),
        ("user", "", "dXNlcjo="),
        ("", "pass", "OnBhc3M="),
        ("", "", "Og=="),
        ("user", "pa:ss", "dXNlcjpwYTpzcw=="),
    ] {
        let basic = Basic::new(user, password).unwrap();
        assert_eq!(header(&basic), format!("Basic {encoded}"));
    }
}

#[test]
fn bytes_pass_through_unchanged() {
    let latin1 = Basic::from_bytes(b"us\xe9r", b"p\xff").unwrap();
    assert_eq!(header(&latin1), "Basic dXPpcjpw/w==");
}

#[test]
fn a_colon_in_the_user_is_refused() {
    assert_eq!(
        problem(Basic::new("us:er", "pass")),
        SecretProblem::ColonInUser
    );
}

#[test]
fn control_characters_in_either_part_are_refused() {
    for bad in ["a\rb", "a\nb", "a\0b", "a\u{7f}b", "a\tb"] {
        assert_eq!(
            problem(Basic::new(bad, "pass")),
            SecretProblem::ControlCharacter
        );
        assert_eq!(
            problem(Basic::new("user", bad)),
            SecretProblem::ControlCharacter
        );
    }
    assert_eq!(
        problem(Basic::new("user", "pass\n")),
        SecretProblem::TrailingNewline
    );
}

#[test]
fn a_pair_is_split_at_its_first_colon() {
    assert_eq!(
        header(&Basic::from_pair("user:pa:ss").unwrap()),
        "Basic dXNlcjpwYTpzcw=="
    );
    assert_eq!(header(&Basic::from_pair(":").unwrap()), "Basic Og==");
    assert_eq!(
        problem(Basic::from_pair("userpass")),
        SecretProblem::MissingColon
    );
    assert_eq!(problem(Basic::from_pair("")), SecretProblem::Empty);
    assert_eq!(
        problem(Basic::from_pair("user:pass\n")),
        SecretProblem::TrailingNewline
    );
}

#[test]
fn an_encoded_pair_gives_the_same_bytes_with_and_without_padding() {
    for encoded in ["dXNlcjpwYXNzd29yZDEyMw==", "dXNlcjpwYXNzd29yZDEyMw"] {
        let basic = Basic::from_encoded(encoded).unwrap();
        assert_eq!(header(&basic), "Basic dXNlcjpwYXNzd29yZDEyMw==");
    }
    assert_eq!(
        problem(Basic::from_encoded("user:pass")),
        SecretProblem::NotBase64
    );
    assert_eq!(
        problem(Basic::from_encoded("dXNlcg==")),
        SecretProblem::MissingColon
    );
    assert_eq!(
        problem(Basic::from_encoded("Og==\n")),
        SecretProblem::TrailingNewline
    );
    assert_eq!(problem(Basic::from_encoded("")), SecretProblem::Empty);
}

#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn monotonic(&self) -> std::time::Instant {
        crate::SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        self.0
    }
}

#[test]
fn a_key_past_its_expiry_date_is_reported_and_not_sent() {
    use std::time::Duration;
    let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
    let at = |time| {
        Basic::new("user", "pass")
            .unwrap()
            .with_expiry(expiry)
            .with_clock(Arc::new(At(time)))
    };
    let request = head();
    let ready = |basic: &Basic| basic.ready(&RequestHead::from_parts(&request)).unwrap();

    assert!(ready(&at(expiry - Duration::from_nanos(1))).is_ok());
    assert!(
        matches!(ready(&at(expiry)), Err(AuthError::KeyExpired { since, .. }) if since == expiry)
    );
}
