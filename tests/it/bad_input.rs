//! Bad input is a typed error at construction, which names the remedy and never the value.

use std::fmt::{Debug, Write as _};
use std::sync::Arc;

use http::StatusCode;
use multi_auth::{
    Alphamoon, ApiKey, AuthError, Basic, Bearer, Immuta, InputProblem, Keyring, Placement,
    ProtectionSpace, SecretProblem, Token, TokenEndpoint, UrlProblem, source_fn,
};

use crate::adapter::Adapter;

/// What no error may show, in any of its forms.
const CANARY: &str = "canary";

fn refused<T: Debug>(built: Result<T, AuthError>) -> AuthError {
    built.expect_err("it is refused")
}

fn transport() -> Arc<dyn multi_auth::Transport> {
    Adapter::Reqwest.transport()
}

/// Every way in which a secret can be refused, with what refuses it.
fn bad_secrets() -> Vec<(&'static str, AuthError)> {
    let alphamoon = Alphamoon::default();
    let immuta = Immuta::new("https://immuta.example").unwrap();
    let token = || Placement::authorization().with_prefix("Token ").unwrap();
    vec![
        (
            "Alphamoon key without colon",
            refused(alphamoon.organization_key("canary")),
        ),
        (
            "Alphamoon key, empty",
            refused(alphamoon.organization_key("")),
        ),
        (
            "Alphamoon key with a line break at its end",
            refused(alphamoon.organization_key("canary:canary\n")),
        ),
        (
            "Alphamoon process key with a control character",
            refused(alphamoon.process_key("can\0ary:canary")),
        ),
        (
            "encoded Alphamoon key that is plain",
            refused(alphamoon.encoded_key("canary:canary")),
        ),
        (
            "encoded Alphamoon key without colon",
            refused(alphamoon.encoded_key("Y2FuYXJ5")),
        ),
        (
            "Alphamoon process id that climbs",
            refused(alphamoon.process_protection_spaces("../canary")),
        ),
        ("Immuta key, empty", refused(immuta.raw_key(""))),
        (
            "Immuta key with a line break at its end",
            refused(immuta.raw_key("canary\r\n")),
        ),
        (
            "Immuta key with a tab",
            refused(immuta.bearer("can\tary", transport())),
        ),
        (
            "Immuta prefix with a line break",
            refused(immuta.clone().with_prefix("canary\n")),
        ),
        (
            "API key outside ASCII",
            refused(ApiKey::header("x-api-key", "canaryé")),
        ),
        (
            "API key between spaces",
            refused(ApiKey::header("x-api-key", " canary ")),
        ),
        (
            "API key with its prefix",
            refused(ApiKey::new(token(), "Token canary")),
        ),
        (
            "cookie with a semicolon",
            refused(ApiKey::cookie("session", "canary; a=b")),
        ),
        (
            "header name with a space",
            refused(ApiKey::header("x canary", "k")),
        ),
        (
            "header that frames the message",
            refused(ApiKey::header("content-length", "canary")),
        ),
        ("query name, empty", refused(ApiKey::query("", "canary"))),
        (
            "cookie name with an equals sign",
            refused(ApiKey::cookie("canary=", "k")),
        ),
        (
            "Basic user with a colon",
            refused(Basic::new("can:ary", "canary")),
        ),
        (
            "Basic password with a line break at its end",
            refused(Basic::new("user", "canary\n")),
        ),
    ]
}

fn bad_urls() -> Vec<(&'static str, AuthError)> {
    let key = || ApiKey::authorization("k-1").unwrap();
    let bound = |url: &str| Keyring::builder().bind(url, key());
    let twice = bound("https://a.example/v1")
        .unwrap()
        .bind("https://A.example:443/v1/", key());
    let source = source_fn(|| async { Ok(Token::new("t")) });
    vec![
        ("scope without scheme", refused(bound("canary.example"))),
        (
            "scope of another scheme",
            refused(bound("ftp://canary.example")),
        ),
        (
            "scope in plain http",
            refused(bound("http://canary.example")),
        ),
        (
            "scope with a password",
            refused(bound("https://u:canary@a.example")),
        ),
        (
            "scope with a fragment",
            refused(bound("https://a.example/#canary")),
        ),
        (
            "scope with a query",
            refused(bound("https://a.example/?key=canary")),
        ),
        ("two bindings for one scope", refused(twice)),
        (
            "Immuta base URL in plain http",
            refused(Immuta::new("http://canary.example")),
        ),
        (
            "Alphamoon at a URL with a user",
            refused(Alphamoon::new("https://canary@a.example")),
        ),
        (
            "token endpoint in plain http",
            refused(TokenEndpoint::builder("http://canary.example", transport())),
        ),
        (
            "refresh on a status that is no refusal",
            refused(Bearer::builder(source).refresh_on([StatusCode::OK])),
        ),
    ]
}

#[test]
fn each_bad_input_is_an_error_that_names_the_remedy_and_not_the_value() {
    let mut texts = String::new();
    for (input, error) in bad_secrets().into_iter().chain(bad_urls()) {
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains(CANARY), "{input}: {shown}");
        assert!(!error.is_transient(), "{input}");
        writeln!(texts, "{input}\n    {error}").unwrap();
    }
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("bad_input", texts);
    });
}

#[test]
fn nothing_shows_a_secret_when_it_is_printed() {
    let alphamoon = Alphamoon::default();
    let immuta = Immuta::new("https://immuta.example").unwrap();
    let bearer = immuta.bearer("canary", transport()).unwrap();
    let basic = alphamoon.organization_key("canary:canary").unwrap();
    let keyring = Keyring::builder()
        .bind(alphamoon.protection_space(), basic.clone())
        .unwrap()
        .build();
    let shown = [
        format!("{basic:?}"),
        format!("{:?}", ApiKey::query("key", "canary").unwrap()),
        format!("{bearer:?}"),
        format!("{:?}", Token::new("canary")),
        format!("{keyring:?}"),
        format!("{:?}", multi_auth_tower::AuthLayer::new(keyring.clone())),
        format!(
            "{:?}",
            multi_auth_reqwest::AuthMiddleware::new(keyring.clone())
        ),
        format!("{:?}", multi_auth_reqwest::guarded_client(keyring)),
        format!("{:?}", ProtectionSpace::new("https://u:canary@a.example")),
    ];
    let encoded = ["canary", "Y2FuYXJ5", "63616e617279", "99, 97, 110"];
    for text in shown {
        assert!(encoded.iter().all(|form| !text.contains(form)), "{text}");
    }
}

#[test]
fn the_problem_of_an_error_can_be_matched_on() {
    let error = refused(Alphamoon::default().organization_key("nocolon"));
    assert!(matches!(
        error,
        AuthError::Invalid(InputProblem::Secret {
            what: "Alphamoon key",
            problem: SecretProblem::MissingColon,
            ..
        })
    ));
    let error = refused(ProtectionSpace::new("http://a.example"));
    assert!(matches!(
        error,
        AuthError::Invalid(InputProblem::Url {
            problem: UrlProblem::PlainHttp,
            ..
        })
    ));
}
