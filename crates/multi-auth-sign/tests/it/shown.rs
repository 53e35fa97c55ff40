//! Nothing that can be read shows eight bytes of a key in a row, in any encoding.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Write};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use multi_auth::AuthError;
use multi_auth_sign::{Algorithm, ClientAssertion, Jwt, JwtSource, SigningKey};
use serde_json::Value;

use crate::refused::jwks::{self, with};
use crate::refused::pems;
use crate::{keys, vectors};

/// The secret bytes of a key in every form that a text can have.
struct Needles(Vec<String>);

/// Outputs, each once: most errors are the same.
type Seen = BTreeSet<String>;

const TELLING: usize = 8;

impl Needles {
    fn of(secret: &[u8]) -> Self {
        Self(secret.windows(TELLING).flat_map(forms).collect())
    }

    fn check(&self, output: &str) {
        let lower = output.to_lowercase();
        for needle in &self.0 {
            assert!(!output.contains(needle), "{needle} is in {output}");
            assert!(!lower.contains(needle), "{needle} is in {output}");
        }
    }
}

/// Eight bytes as text, in hexadecimal, as a list of numbers, and in base64 at each of the three
/// places that they can have in a longer text.
fn forms(bytes: &[u8]) -> Vec<String> {
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let list = format!("{bytes:?}");
    let mut forms = vec![
        String::from_utf8_lossy(bytes).into_owned(),
        hex,
        list.trim_matches(['[', ']']).to_owned(),
    ];
    for before in 0..3 {
        // The characters at both ends depend on the neighbours too.
        let padded = [&[0; 2][..before], bytes].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&padded);
            let end = padded.len() / 3 * 4;
            forms.push(text[[0, 2, 3][before]..end].to_owned());
        }
    }
    forms.retain(|form| !form.contains('\u{fffd}'));
    forms
}

fn debug(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn report(error: &(dyn Error + 'static)) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        write!(text, " {error} {error:?}").unwrap();
        cause = error.source();
    }
    text
}

/// Everything that can be read of a key that was accepted.
fn look_at(key: &SigningKey) -> String {
    let jwt = Jwt::builder().issuer("my-app");
    let mut seen = debug(key) + &debug(&jwt);
    let jwt = jwt.build().unwrap();
    seen += &debug(&jwt.sign(key).unwrap());
    seen += &debug(&(jwt.clone(), JwtSource::new(jwt, key.clone())));
    let client = ClientAssertion::new("my-app", "https://login.example", key.clone()).unwrap();
    seen += &debug(&(client.assertion().unwrap(), &client));
    seen += &debug(&(key.public_jwk(), key.thumbprint(), key.public_key_sha256()));
    seen
}

fn look(key: Result<SigningKey, multi_auth_sign::SignError>) -> String {
    match key {
        Ok(key) => look_at(&key),
        Err(error) => report(&error) + &report(&AuthError::from(error)),
    }
}

const PRIVATE: [&str; 7] = ["k", "d", "p", "q", "dp", "dq", "qi"];

fn private_parts(jwk: &str) -> Needles {
    let jwk: Value = serde_json::from_str(jwk).unwrap();
    let parts = PRIVATE.iter().filter_map(|member| jwk[*member].as_str());
    Needles(
        parts
            .flat_map(|part| Needles::of(&URL_SAFE_NO_PAD.decode(part).unwrap()).0)
            .collect(),
    )
}

#[test]
fn no_part_of_a_jwk_is_shown() {
    for (algorithm, jwk) in vectors::JWKS {
        let mut seen = Seen::from([
            look(SigningKey::from_jwk(algorithm, jwk)),
            look(SigningKey::from_pem(algorithm, jwk)),
        ]);
        let members: Value = serde_json::from_str(jwk).unwrap();
        for member in members.as_object().unwrap().keys() {
            // The ID is shown, so a key in its place would be.
            if member == "kid" {
                continue;
            }
            for value in [Value::Null, 7.into(), "AQAB".into(), members["d"].clone()] {
                let changed = with(jwk, member, value);
                seen.insert(look(SigningKey::from_jwk(algorithm, changed)));
            }
        }
        for end in (0..jwk.len()).step_by(11) {
            seen.insert(look(SigningKey::from_jwk(algorithm, &jwk[..end])));
        }
        let needles = private_parts(jwk);
        for output in &seen {
            needles.check(output);
        }
    }
}

#[test]
fn no_part_of_a_pem_text_is_shown() {
    for given in keys::all() {
        let mut seen = Seen::from([look(SigningKey::from_jwk(given.algorithm, &*given.pem))]);
        for end in (0..given.pem.len()).step_by(7) {
            seen.insert(look(SigningKey::from_pem(
                given.algorithm,
                &given.pem[..end],
            )));
        }
        let lines = given.pem.lines().filter(|line| !line.starts_with('-'));
        let needles = Needles(
            lines
                .flat_map(|line| Needles::of(line.as_bytes()).0)
                .collect(),
        );
        for output in &seen {
            needles.check(output);
        }
    }
}

#[test]
fn no_part_of_a_shared_secret_is_shown() {
    let secret = b"0Kq8vTz1Xb5Lm9Rw3Yd7Hs2Pf6Jc4NgQ";
    let needles = Needles::of(secret);
    needles.check(&look(SigningKey::from_secret(Algorithm::HS256, secret)));
    needles.check(&look(SigningKey::from_secret(
        Algorithm::HS256,
        &secret[..31],
    )));
    needles.check(&look(SigningKey::from_secret(Algorithm::ES256, secret)));
}

#[test]
fn no_refused_text_is_shown() {
    for (_, algorithm, text) in pems::all().into_iter().chain(jwks::all()) {
        let errors = [
            SigningKey::from_pem(algorithm, text.clone()),
            SigningKey::from_jwk(algorithm, text.clone()),
        ];
        for error in errors.into_iter().filter_map(Result::err) {
            let seen = report(&error);
            let mut pieces = text
                .as_bytes()
                .windows(12)
                .filter_map(|piece| str::from_utf8(piece).ok());
            assert!(
                pieces.all(|piece| piece.contains("-----")
                    || piece.contains("PRIVATE")
                    || !seen.contains(piece)),
                "{seen}"
            );
        }
    }
}

/// The test of the tests: each form is found.
#[test]
fn a_key_that_is_shown_is_found() {
    let secret = b"0Kq8vTz1Xb5Lm9Rw3Yd7Hs2Pf6Jc4NgQ";
    let needles = Needles::of(secret);
    for shown in [
        String::from_utf8_lossy(secret).into_owned(),
        format!("{secret:?}"),
        format!("{secret:x?}")
            .replace([',', ' '], "")
            .to_uppercase(),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode([b"user:", &secret[..]].concat()),
        STANDARD_NO_PAD.encode([b"u:", &secret[..]].concat()),
    ] {
        let found = std::panic::catch_unwind(|| needles.check(&format!("key {shown} ")));
        assert!(found.is_err(), "{shown}");
    }
    needles.check("SigningKey { algorithm: HS256, key_id: None }");
}
