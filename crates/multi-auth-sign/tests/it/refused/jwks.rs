//! JWKs that are no usable key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use multi_auth_sign::Algorithm;
use serde_json::{Value, json};

use crate::keys::pem;

const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519",
    "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const P256: &str = r#"{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
const RSA: &str = include_str!("../vectors/rfc7517-rsa.json");

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

/// A name, the algorithm that it is given for, and the text.
#[expect(clippy::too_many_lines, reason = "a table")]
pub(crate) fn all() -> Vec<(&'static str, Algorithm, String)> {
    let (es256, eddsa, rs256) = (Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256);
    let oct = |bytes: usize| {
        json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(vec![7; bytes])}).to_string()
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
