//! What is no usable key gets a typed error that says what to do.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth_sign::{Algorithm, SignError, SigningKey};
use serde_json::{Value, json};

use crate::keys::{self, pem};

const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const P256: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const RSA: &str = include_str!("vectors/rfc7517-rsa.json");

/// `jwk` with `member` set to `value`, or removed.
pub(crate) fn with(jwk: &str, member: &str, value: Value) -> String {
    let mut jwk: Value = serde_json::from_str(jwk).unwrap();
    let members = jwk.as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(member),
        value => members.insert(member.to_owned(), value),
    };
    jwk.to_string()
}

pub(crate) fn pems() -> Vec<(&'static str, Algorithm, String)> {
    let ec = pem(
        "PRIVATE KEY",
        keys::ecdsa(Algorithm::ES256).to_pkcs8v1().unwrap().as_ref(),
    );
    let rsa = pem("PRIVATE KEY", &keys::RSA);
    let body = |label| pem(label, b"no matter what");
    let es256 = Algorithm::ES256;
    vec![
        ("nothing", es256, String::new()),
        ("spaces", es256, " \r\n\t".to_owned()),
        ("a password", es256, "hunter2".to_owned()),
        (
            "the base64 alone",
            es256,
            ec.lines().nth(1).unwrap().to_owned(),
        ),
        ("escaped line breaks", es256, ec.replace('\n', "\\n")),
        ("line breaks as spaces", es256, ec.trim().replace('\n', " ")),
        ("no end", es256, ec[..ec.len() - 40].to_owned()),
        ("no first boundary", es256, ec[28..].to_owned()),
        (
            "a broken boundary",
            es256,
            ec.replace("KEY-----\nM", "KEY----\nM"),
        ),
        (
            "another end",
            es256,
            ec.replace("END PRIVATE", "END EC PRIVATE"),
        ),
        (
            "a lost line",
            es256,
            ec.lines()
                .filter(|line| line.len() != 64)
                .collect::<Vec<_>>()
                .join("\n"),
        ),
        ("an empty block", es256, pem("PRIVATE KEY", b"")),
        ("not base64", es256, ec.replace("\nM", "\n*")),
        ("text before", es256, format!("my key:\n{ec}")),
        ("text after", es256, format!("{ec}EOF")),
        ("two keys", es256, format!("{ec}{ec}")),
        (
            "a key and its certificate",
            es256,
            format!("{ec}{}", body("CERTIFICATE")),
        ),
        ("a certificate", es256, body("CERTIFICATE")),
        ("a certificate request", es256, body("CERTIFICATE REQUEST")),
        ("a public key", es256, body("PUBLIC KEY")),
        ("an encrypted key", es256, body("ENCRYPTED PRIVATE KEY")),
        (
            "an encrypted key, as before PKCS#8",
            es256,
            ec.replace(
                "PRIVATE KEY-----\nM",
                "PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nM",
            ),
        ),
        (
            "OpenSSH's format",
            Algorithm::EdDSA,
            body("OPENSSH PRIVATE KEY"),
        ),
        ("the curve alone", es256, body("EC PARAMETERS")),
        ("an EC key for RSA", Algorithm::RS256, ec.clone()),
        ("an EC key for another curve", Algorithm::ES384, ec.clone()),
        ("an EC key for HMAC", Algorithm::HS256, ec.clone()),
        ("an RSA key for EC", es256, rsa.clone()),
        ("an RSA key for Ed25519", Algorithm::EdDSA, rsa),
        (
            "PKCS#8 under the label of PKCS#1",
            Algorithm::RS256,
            pem("RSA PRIVATE KEY", &keys::RSA),
        ),
        (
            "a public part of another key",
            es256,
            other_public_part(&ec),
        ),
        ("bytes after the key", es256, with_bytes_after(&ec)),
    ]
}

fn der(pem: &str) -> Vec<u8> {
    let lines: Vec<_> = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(lines.concat()).unwrap()
}

/// The public point is the end of PKCS#8.
fn other_public_part(ec: &str) -> String {
    let (mut key, other) = (der(ec), keys::ecdsa(Algorithm::ES256).to_pkcs8v1().unwrap());
    let point = key.len() - 64;
    key[point..].copy_from_slice(&other.as_ref()[point..]);
    pem("PRIVATE KEY", &key)
}

fn with_bytes_after(ec: &str) -> String {
    pem("PRIVATE KEY", &[der(ec), vec![0; 3]].concat())
}

pub(crate) fn jwks() -> Vec<(&'static str, Algorithm, String)> {
    let (es256, eddsa, rs256) = (Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256);
    let oct = |bytes: usize| {
        json!({"kty": "oct", "k": base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(vec![7; bytes])}).to_string()
    };
    vec![
        ("nothing", es256, String::new()),
        ("text", es256, "hunter2".to_owned()),
        ("PEM", es256, pem("PRIVATE KEY", b"key")),
        ("an array", es256, format!("[{P256}]")),
        ("a text", es256, "\"key\"".to_owned()),
        ("no kty", es256, with(P256, "kty", Value::Null)),
        ("a set of keys", es256, format!(r#"{{"keys":[{P256}]}}"#)),
        ("text after", es256, format!("{P256}}}")),
        ("cut off", es256, P256[..P256.len() - 9].to_owned()),
        (
            "a member twice",
            es256,
            P256.replace("\"kty\"", "\"d\":\"AA\",\"kty\""),
        ),
        ("another type", es256, ED25519.to_owned()),
        ("another curve", Algorithm::ES384, P256.to_owned()),
        (
            "an unknown curve",
            es256,
            with(P256, "crv", "secp256k1".into()),
        ),
        ("X25519", eddsa, with(ED25519, "crv", "X25519".into())),
        ("an unknown type", es256, with(P256, "kty", "AKP".into())),
        ("a public key", es256, with(P256, "d", Value::Null)),
        ("a public RSA key", rs256, with(RSA, "d", Value::Null)),
        ("for encryption", es256, with(P256, "use", "enc".into())),
        (
            "for verification",
            es256,
            with(P256, "key_ops", json!(["verify"])),
        ),
        ("for nothing", es256, with(P256, "key_ops", json!([]))),
        (
            "for another algorithm",
            rs256,
            with(RSA, "alg", "RS512".into()),
        ),
        ("no y", es256, with(P256, "y", Value::Null)),
        (
            "a short x",
            es256,
            with(
                P256,
                "x",
                "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVA".into(),
            ),
        ),
        (
            "padded base64",
            eddsa,
            with(
                ED25519,
                "d",
                "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=".into(),
            ),
        ),
        (
            "ordinary base64",
            eddsa,
            with(
                ED25519,
                "d",
                "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A".into(),
            ),
        ),
        (
            "a number in place of text",
            eddsa,
            with(ED25519, "d", 7.into()),
        ),
        (
            "a point of another key",
            es256,
            with(
                P256,
                "x",
                "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4".into(),
            ),
        ),
        (
            "an x of another key",
            eddsa,
            with(
                ED25519,
                "x",
                "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs".into(),
            ),
        ),
        (
            "a private number of zero",
            es256,
            with(P256, "d", "A".repeat(43).into()),
        ),
        (
            "a private number that is too large",
            es256,
            with(P256, "d", format!("{}8", "_".repeat(42)).into()),
        ),
        ("no primes", rs256, with(RSA, "p", Value::Null)),
        (
            "a prime of another key",
            rs256,
            with(RSA, "q", "AQAB".into()),
        ),
        (
            "further primes",
            rs256,
            with(RSA, "oth", json!([{"r": "AQAB"}])),
        ),
        ("another exponent", rs256, with(RSA, "e", "Aw".into())),
        (
            "another modulus",
            rs256,
            with(RSA, "n", with_other_end(RSA).into()),
        ),
        ("a short modulus", rs256, with(RSA, "n", "AQAB".into())),
        ("an empty secret", Algorithm::HS256, oct(0)),
        ("a short secret", Algorithm::HS256, oct(31)),
        ("an empty ID", es256, with(P256, "kid", "".into())),
        (
            "a long ID",
            es256,
            with(P256, "kid", "k".repeat(257).into()),
        ),
        (
            "an ID with a line break",
            es256,
            with(P256, "kid", "k\n".into()),
        ),
    ]
}

fn with_other_end(jwk: &str) -> String {
    let jwk: Value = serde_json::from_str(jwk).unwrap();
    let modulus = jwk["n"].as_str().unwrap();
    format!("{}LDKgw", &modulus[..modulus.len() - 5])
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
    for (name, algorithm, pem) in pems() {
        add(name, SigningKey::from_pem(algorithm, pem));
    }
    for (name, algorithm, jwk) in jwks() {
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
