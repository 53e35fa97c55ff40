//! What is refused and what is shown.

use multi_auth::{InputProblem, SecretProblem};

use super::script::{Reply, exchange};
use super::*;

#[test]
fn a_user_or_a_password_that_cannot_be_hashed_unambiguously_is_refused() {
    for (user, password, what, problem) in [
        ("a:b", "p", "user", SecretProblem::ColonInUser),
        ("a\n", "p", "user", SecretProblem::TrailingNewline),
        ("a\0b", "p", "user", SecretProblem::ControlCharacter),
        ("a", "p\r\n", "password", SecretProblem::TrailingNewline),
        ("a", "p\tq", "password", SecretProblem::ControlCharacter),
    ] {
        let error = Digest::new(user, password).unwrap_err();
        let AuthError::Invalid(InputProblem::Secret {
            what: own,
            problem: found,
            ..
        }) = error
        else {
            panic!("{error:?}");
        };
        assert_eq!((own, found), (what, problem), "{user:?}");
    }
    assert!(Digest::new("", "").is_ok());
}

#[test]
fn debug_shows_no_secret() {
    let digest = digest();
    let challenge = sha256("n1").replace("\"r\"", "\"secret realm\"");
    refused(&digest, &ready(&digest), &[&challenge]);
    let shown = format!("{digest:?} {:?} {:?}", Digest::builder(), ready(&digest));
    for secret in ["Mufasa", "Circle", "realm", "n1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(
        shown.starts_with("Digest { choices: Choices { has_integrity: false, allows_md5: false }, origins: 1, .. }"),
        "{shown}"
    );
}

#[test]
fn an_error_shows_nothing_of_the_challenge() {
    let challenge = r#"Digest realm="secret realm", nonce="n1", qop="secret", algorithm=SHA-256"#;
    let failed = exchange(&digest(), vec![Reply::Refusal(vec![challenge.into()])]);
    let error = failed.result.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("n1"),
        "{shown}"
    );
}
