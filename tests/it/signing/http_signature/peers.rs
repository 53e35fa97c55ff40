//! `http-message-signatures` signs the same requests alike, and verifies ours.
//!
//! `.ci/servers DIRECTORY` installs it, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored message_signatures`
//! runs these tests.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use http::request::Parts;
use multi_auth::{Authenticator, BodyView, RequestHead};
use serde_json::{Value, json};

use super::*;
use crate::signing::program::Program;

/// A key for us, and the same for Python: its private half and its public half.
struct Keys {
    ours: SigningKey,
    private: String,
    public: String,
    name: &'static str,
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

impl Keys {
    fn new(algorithm: Algorithm, name: &'static str, private: &[u8], public: &[u8]) -> Self {
        let private = pem("PRIVATE KEY", private);
        Self {
            ours: SigningKey::from_pem(algorithm, private.as_str()).unwrap(),
            private,
            public: pem("PUBLIC KEY", public),
            name,
        }
    }

    fn hmac() -> Self {
        let secret = STANDARD.encode([7; 32]);
        Self {
            ours: SigningKey::from_secret(Algorithm::HS256, &[7; 32]).unwrap(),
            private: secret.clone(),
            public: secret,
            name: "hmac-sha256",
        }
    }

    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        Self::new(
            Algorithm::EdDSA,
            "ed25519",
            private.as_ref(),
            public.as_ref(),
        )
    }

    fn p256() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        Self::new(
            Algorithm::ES256,
            "ecdsa-p256-sha256",
            private.as_ref(),
            public.as_ref(),
        )
    }

    fn rsa(algorithm: Algorithm, name: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let public: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        Self::new(algorithm, name, private.as_ref(), public.as_ref())
    }
}

fn one<'t>(texts: &[&'t str]) -> &'t str {
    fastrand::choice(texts).unwrap()
}

fn some(letters: &[&str], most: usize) -> String {
    (0..fastrand::usize(0..=most))
        .map(|_| one(letters))
        .collect()
}

/// A random request, and what its signature covers.
fn case(keys: &Keys, number: u64) -> Value {
    const PATH: &[&str] = &[
        "a", "Z", "7", "-", ".", "~", "/", "%20", "%C3%BC", "%2F", "+", "@", ":",
    ];
    const WORD: &[&str] = &["a", "B", "0", "-", "%20", "%2F", "%C3%A9", "+", "*"];
    const VALUE: &[&str] = &["a", "B", " ", "  ", ";", "\"x\"", ", ", "=", "\t"];
    let mut components = vec![
        "@method",
        "@authority",
        "@path",
        "@query",
        "@target-uri",
        "@scheme",
        "@request-target",
    ];
    fastrand::shuffle(&mut components);
    components.truncate(fastrand::usize(1..=7));
    let mut components: Vec<_> = components.into_iter().map(str::to_owned).collect();
    let mut hosts = vec!["https://a.example.com", "http://b.example:8080"];
    if !components.iter().any(|one| one == "@target-uri") {
        // The two differ in whether the target URI is normalized.
        hosts.push("https://C.example:443");
    }
    let host = one(&hosts);
    let mut parameters: Vec<_> = (0..fastrand::usize(0..4))
        .map(|at| format!("k{at}={}", some(WORD, 5)))
        .collect();
    if fastrand::bool() {
        parameters.push(format!("named={}", some(WORD, 5)));
        components.push(r#"@query-param;name="named""#.to_owned());
    }
    let query = if parameters.is_empty() {
        String::new()
    } else {
        format!("?{}", parameters.join("&"))
    };
    let mut headers = Vec::new();
    for name in ["content-type", "x-one", "x-two"] {
        for _ in 0..fastrand::usize(0..3) {
            headers.push(json!([name, some(VALUE, 6).trim()]));
            if !components.contains(&name.to_owned()) {
                components.push(name.to_owned());
            }
        }
    }
    json!({
        "method": one(&["GET", "POST", "PUT", "DELETE", "PATCH"]),
        "url": format!("{host}/{}{query}", some(PATH, 12)),
        "headers": headers,
        "components": components,
        "created": 1_618_884_473 + number * 7919,
        "expires": fastrand::bool().then(|| fastrand::u64(1..10_000)),
        "nonce": fastrand::bool().then(|| some(WORD, 9)),
        "tag": fastrand::bool().then(|| some(WORD, 9)),
        "has_algorithm": fastrand::bool(),
        "algorithm": keys.name,
        "key": keys.private,
    })
}

/// The request of `case` with our signature.
fn signed(keys: &Keys, case: &Value) -> Parts {
    let text = |name: &str| case[name].as_str().map(str::to_owned);
    let key = keys.ours.clone().with_key_id("key-1").unwrap();
    let components = case["components"].as_array().unwrap().iter();
    let mut builder = HttpSignature::builder(key)
        .components(components.map(|one| one.as_str().unwrap()))
        .clock(Arc::new(At(case["created"].as_u64().unwrap())));
    if let Some(expires) = case["expires"].as_u64() {
        builder = builder.expires_after(Duration::from_secs(expires));
    }
    if let Some(nonce) = text("nonce") {
        builder = builder.nonce_from(move || Ok(nonce.clone()));
    }
    if let Some(tag) = text("tag") {
        builder = builder.tag(&tag);
    }
    if case["has_algorithm"] == true {
        builder = builder.algorithm_parameter();
    }
    let mut request = Request::builder()
        .method(&*text("method").unwrap())
        .uri(text("url").unwrap());
    for field in case["headers"].as_array().unwrap() {
        request = request.header(field[0].as_str().unwrap(), field[1].as_str().unwrap());
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let original = parts.clone();
    let head = RequestHead::from_parts(&original).with_body(BodyView::Empty);
    let signature = builder.build().unwrap();
    signature
        .ready(&head)
        .unwrap()
        .unwrap()
        .attach(&mut parts)
        .unwrap();
    parts
}

/// `case` with the fields of `signed`, to be verified with the public key.
fn to_verify(keys: &Keys, mut case: Value, signed: &Parts) -> Value {
    for name in ["signature-input", "signature"] {
        let value = signed.headers[name].to_str().unwrap();
        case["headers"]
            .as_array_mut()
            .unwrap()
            .push(json!([name, value]));
    }
    case["key"] = keys.public.clone().into();
    case
}

#[test]
#[ignore = "needs http-message-signatures"]
fn message_signatures_of_10_000_random_requests_are_those_of_python() {
    let mut python = Program::start("signing", "message_signer.py");
    for keys in [Keys::hmac(), Keys::ed25519()] {
        for number in 0..5_000 {
            let case = case(&keys, number);
            let ours = signed(&keys, &case);
            let field = |name| ours.headers[name].to_str().unwrap();
            let expected = python.ask(&case);
            let found = json!([field("signature-input"), field("signature")]);
            assert_eq!(
                serde_json::from_str::<Value>(&expected).ok(),
                Some(found),
                "{case}: {expected}"
            );
        }
    }
}

#[test]
#[ignore = "needs http-message-signatures"]
fn message_signatures_are_verified_by_python_and_refused_if_something_changed() {
    let mut python = Program::start("signing", "message_signer.py");
    let all = [
        Keys::hmac(),
        Keys::ed25519(),
        Keys::p256(),
        Keys::rsa(Algorithm::PS512, "rsa-pss-sha512"),
        Keys::rsa(Algorithm::RS256, "rsa-v1_5-sha256"),
    ];
    for keys in all {
        let mut verify = |case: &Value| python.ask(case);
        for number in 0..100 {
            let mut case = case(&keys, number);
            // An expired signature is refused too.
            case["expires"] = Value::Null;
            case["components"]
                .as_array_mut()
                .unwrap()
                .retain(|one| one != "@method");
            case["components"]
                .as_array_mut()
                .unwrap()
                .push("@method".into());
            let case = to_verify(&keys, case.clone(), &signed(&keys, &case));
            assert_eq!(verify(&case), "accepted", "{case}");
            let mut changed = case.clone();
            changed["method"] = "OPTIONS".into();
            assert_eq!(verify(&changed), "refused: InvalidSignature", "{changed}");
            let mut unkeyed = case.clone();
            unkeyed["key"] = match keys.name {
                "hmac-sha256" => STANDARD.encode([8; 32]).into(),
                "ed25519" => Keys::ed25519().public.into(),
                "ecdsa-p256-sha256" => Keys::p256().public.into(),
                // Making an RSA key takes long.
                _ => continue,
            };
            assert_eq!(verify(&unkeyed), "refused: InvalidSignature", "{unkeyed}");
        }
    }
}
