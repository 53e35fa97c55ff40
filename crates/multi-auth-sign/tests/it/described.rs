//! What a description puts into a JWT, and which descriptions are refused.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use multi_auth::{AuthError, Clock, SystemClock, TokenSource};
use multi_auth_sign::{ClientAssertion, Jwt, JwtBuilder, JwtSource, SignError};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::keys;

/// A wall clock that stands still.
#[derive(Debug)]
struct At(SystemTime);

impl Clock for At {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        self.0
    }
}

fn at(milliseconds: u64) -> Arc<dyn Clock> {
    Arc::new(At(UNIX_EPOCH + Duration::from_millis(milliseconds)))
}

/// Header and claims.
fn read(jwt: &str) -> [Value; 2] {
    let mut parts = jwt.split('.');
    [(); 2].map(|()| {
        let json = URL_SAFE_NO_PAD.decode(parts.next().unwrap()).unwrap();
        serde_json::from_slice(&json).unwrap()
    })
}

fn signed(jwt: JwtBuilder) -> [Value; 2] {
    let key = keys::secret().with_key_id("2026-01").unwrap();
    read(jwt.build().unwrap().sign(&key).unwrap().expose_secret())
}

#[test]
fn times_are_whole_seconds() {
    let [header, claims] = signed(Jwt::builder().clock(at(1_000_000_000_999)));
    assert_eq!(
        header,
        json!({"alg": "HS256", "kid": "2026-01", "typ": "JWT"})
    );
    assert_eq!(claims, json!({"iat": 1_000_000_000, "exp": 1_000_000_300}));
}

#[test]
fn every_member_is_where_it_belongs() {
    let [header, mut claims] = signed(
        Jwt::builder()
            .clock(at(1_000_000_000_000))
            .issuer("i")
            .subject("s")
            .audiences(["a", "b"])
            .lifetime(Duration::from_millis(60_900))
            .backdated_by(Duration::from_secs(30))
            .not_before()
            .random_id()
            .claim("scope", "read")
            .claim("scope", "read write")
            .typ("at+jwt")
            .header("x5t", "AQAB"),
    );
    let expected = json!({"alg": "HS256", "kid": "2026-01", "typ": "at+jwt", "x5t": "AQAB"});
    assert_eq!(header, expected);
    let id = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.decode(id.as_str().unwrap()).unwrap().len(),
        16
    );
    let expected = json!({
        "iss": "i", "sub": "s", "aud": ["a", "b"], "scope": "read write",
        "iat": 999_999_970, "nbf": 999_999_970, "exp": 1_000_000_060,
    });
    assert_eq!(claims, expected);
}

#[test]
fn what_cannot_be_right_is_refused() {
    let jwt = Jwt::builder;
    let century = Duration::from_secs(101 * 366 * 24 * 60 * 60);
    let refused: Vec<_> = [
        jwt().issuer(""),
        jwt().subject(""),
        jwt().audience(""),
        jwt().audiences([""; 0]),
        jwt().audiences(["a", ""]),
        jwt().lifetime(Duration::ZERO),
        jwt().lifetime(Duration::from_millis(999)),
        jwt().lifetime(century),
        jwt().backdated_by(century),
        jwt().claim("exp", 7),
        jwt().claim("iss", "i"),
        jwt().typ(""),
        jwt().header("alg", "none"),
        jwt().header("b64", false),
        jwt().header("crit", "b64").issuer(""),
    ]
    .into_iter()
    .map(|jwt| jwt.build().unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(refused.join("\n"));
}

#[test]
fn a_clock_that_no_jwt_can_hold_is_an_error() {
    for wall in [
        UNIX_EPOCH - Duration::from_secs(1),
        UNIX_EPOCH + Duration::from_secs((1 << 63) - 1),
    ] {
        let jwt = Jwt::builder().clock(Arc::new(At(wall))).build().unwrap();
        assert_eq!(jwt.sign(&keys::secret()).unwrap_err(), SignError::Clock);
    }
}

#[tokio::test]
async fn a_source_signs_a_token_that_expires_with_its_jwt() {
    let jwt = Jwt::builder().clock(at(1_000_000_000_500)).build().unwrap();
    let token = JwtSource::new(jwt, keys::secret()).token().await.unwrap();
    let expiry = UNIX_EPOCH + Duration::from_secs(1_000_000_300);
    assert_eq!(token.expiry(), Some(expiry));
    let [_, claims] = read(token.value().expose_secret());
    assert_eq!(claims["exp"], 1_000_000_300);
}

#[tokio::test]
async fn a_client_assertion_is_new_each_time() {
    let url = "https://login.example/token";
    let change = |jwt: JwtBuilder| jwt.clock(at(1_000_000_000_000)).header("x5t#S256", "AQAB");
    let client = ClientAssertion::customized("my-app", url, keys::secret(), change).unwrap();
    let assertion = client.assertion().unwrap();
    let [header, claims] = read(assertion.expose_secret());
    assert_eq!(header["x5t#S256"], "AQAB");
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&"my-app".into(), &"my-app".into(), &url.into())
    );
    assert_eq!(claims["exp"], 1_000_000_300);
    let token = client.token().await.unwrap();
    let [_, other] = read(token.value().expose_secret());
    assert_ne!(claims["jti"], other["jti"]);
}

#[test]
fn a_client_without_a_name_is_refused() {
    for (id, audience) in [("", "https://login.example"), ("my-app", "")] {
        let refused = ClientAssertion::new(id, audience, keys::secret());
        assert!(matches!(refused, Err(SignError::Jwt { .. })));
    }
}

#[test]
fn only_a_failure_of_the_library_is_transient() {
    assert!(!AuthError::from(SignError::Clock).is_transient());
    assert!(AuthError::from(SignError::Failed).is_transient());
}
