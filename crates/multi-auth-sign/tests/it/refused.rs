//! What is no usable key gets a typed error that says what to do.

pub(crate) mod jwks;
pub(crate) mod pems;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth_sign::{Algorithm, SignError, SigningKey};

use crate::keys::{self, pem};

fn der(pem: &str) -> Vec<u8> {
    let lines: Vec<_> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(lines.concat()).unwrap()
}

#[test]
fn each_gets_a_typed_error() {
    let mut table = String::new();
    let mut add = |name, result: Result<SigningKey, SignError>| {
        let error = result.expect_err(name);
        let SignError::Key { problem, .. } = &error else {
            panic!("{name}: {error:?}")
        };
        writeln!(table, "{name}: {problem:?}\n    {error}").unwrap();
    };
    for (name, algorithm, pem) in pems::all() {
        add(name, SigningKey::from_pem(algorithm, pem));
    }
    for (name, algorithm, jwk) in jwks::all() {
        add(name, SigningKey::from_jwk(algorithm, jwk));
    }
    let secret = |bytes: &[u8]| SigningKey::from_secret(Algorithm::HS256, bytes);
    add("no bytes", secret(b""));
    add("31 bytes", secret(&[7; 31]));
    add(
        "bytes for RSA",
        SigningKey::from_secret(Algorithm::RS256, &[7; 32]),
    );
    add(
        "an ID that is PEM",
        keys::secret().with_key_id(&pem("PRIVATE KEY", b"key")),
    );
    insta::assert_snapshot!(table);
}

#[test]
fn every_cut_is_refused() {
    for given in keys::all() {
        let pem = given.pem.trim_end();
        for end in 0..pem.len() {
            let cut = SigningKey::from_pem(given.algorithm, &pem[..end]);
            assert!(cut.is_err(), "{} of {}", end, given.format);
        }
    }
}

/// A changed byte is refused, or it was one that does not matter: the key is the same.
#[test]
fn every_changed_byte_is_refused_or_makes_no_difference() {
    for given in keys::all() {
        // A seed has no public part in PKCS#8, version 1, so every seed is a key.
        if given.format == "v1" {
            continue;
        }
        let (label, thumbprint) = (
            given.format.replace("v2", "PRIVATE KEY"),
            given.key().thumbprint(),
        );
        let der = der(&given.pem);
        let step = if der.len() > 500 { 7 } else { 1 };
        for at in (0..der.len()).step_by(step) {
            let mut changed = der.clone();
            changed[at] ^= 1;
            if let Ok(key) = SigningKey::from_pem(given.algorithm, pem(&label, &changed)) {
                assert_eq!(
                    key.thumbprint(),
                    thumbprint,
                    "byte {at} of {}",
                    given.format
                );
            }
        }
    }
}
