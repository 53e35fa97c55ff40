//! oauthlib signs the same requests alike.
//!
//! `.ci/servers DIRECTORY` installs it, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-tests --test it -- --ignored oauthlib` runs this
//! test.

use http::request::Parts;
use multi_auth::{Authenticator, BodyView, RequestHead};
use serde_json::{Value, json};

use super::*;
use crate::signing::program::Program;

/// oauthlib drops a semicolon at the end of a path.
const PATH: &[&str] = &[
    "a", "Z", "7", "-", "_", ".", "~", "/", "!", "$", "'", "(", "*", ",", ":", "@", "=", "+",
    "%20", "%2F", "%C3%BC", "%25",
];
/// oauthlib refuses other characters in a query or a form.
const WORD: &[&str] = &[
    "a",
    "B",
    "0",
    "-",
    ".",
    "_",
    "~",
    "+",
    "!",
    "*",
    "'",
    "(",
    ")",
    ",",
    ":",
    "@",
    "/",
    "?",
    "$",
    ";",
    "%20",
    "%2B",
    "%26",
    "%3D",
    "%25",
    "%E2%82%AC",
    "%7e",
];
const SECRET: &[&str] = &[
    "a", "B", "0", "-", "~", "&", "%", "+", "/", "=", " ", "\u{fc}",
];
const HOSTS: &[&str] = &[
    "https://a.example.com",
    "HTTPS://B.Example.com:443",
    "http://c.example:80",
    "http://127.0.0.1:8080",
    "https://[2001:db8::1]:8443",
];

fn one<'t>(texts: &[&'t str]) -> &'t str {
    fastrand::choice(texts).unwrap()
}

fn some(letters: &[&str], least: usize, most: usize) -> String {
    (0..fastrand::usize(least..=most))
        .map(|_| one(letters))
        .collect()
}

/// A random query or form. Names are repeated.
fn pairs() -> String {
    let pair = |_| {
        let name = one(&["a", "b", "a%20", "%61", "A", "oauth", "c2"]).to_owned();
        let name = name + &some(WORD, 0, 2);
        match fastrand::u8(0..10) {
            0 => name,
            _ => format!("{name}={}", some(WORD, 0, 6)),
        }
    };
    let pairs: Vec<_> = (0..fastrand::usize(0..=4)).map(pair).collect();
    pairs.join("&")
}

/// A random request, and how the signer is built.
fn case(number: u64) -> Value {
    let query = pairs();
    let query = Some(query).filter(|query| !query.is_empty());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let form = Some(pairs()).filter(|form| fastrand::bool() && !form.is_empty());
    let mut headers = serde_json::Map::new();
    if form.is_some() {
        headers.insert("Content-Type".to_owned(), FORM.into());
    }
    if fastrand::u8(0..5) == 0 {
        let host = one(&["D.example.com", "d.example.com:8443"]);
        headers.insert("Host".to_owned(), host.into());
    }
    let methods = match form {
        Some(_) => &["POST", "PUT"][..],
        None => &["GET", "POST", "DELETE", "PATCH"][..],
    };
    let token = (fastrand::u8(0..5) > 0).then(|| some(SECRET, 1, 12));
    json!({
        "method": one(methods),
        "url": format!("{}/{}{query}", one(HOSTS), some(PATH, 0, 10)),
        "headers": headers,
        "body": form,
        "consumer_key": some(SECRET, 1, 16),
        "consumer_secret": some(SECRET, 1, 16),
        "token_secret": token.as_ref().map(|_| some(SECRET, 0, 16)),
        "token": token,
        "realm": fastrand::bool().then_some("realm 1_SB"),
        "callback": fastrand::bool().then_some("https://client.example/ready?a=b c"),
        "verifier": fastrand::bool().then(|| some(SECRET, 1, 8)),
        "signature_method": one(&["HMAC-SHA1", "HMAC-SHA256", "PLAINTEXT"]),
        "nonce": some(SECRET, 1, 12),
        "time": 1_300_000_000 + number * 7919,
    })
}

fn signer_of(case: &Value) -> OAuth1 {
    let text = |name: &str| case[name].as_str();
    let (key, secret) = (text("consumer_key"), text("consumer_secret"));
    let mut builder = OAuth1::builder(key.unwrap(), secret.unwrap());
    if let (Some(token), Some(secret)) = (text("token"), text("token_secret")) {
        builder = builder.token(token, secret);
    }
    if let Some(realm) = text("realm") {
        builder = builder.realm(realm);
    }
    if let Some(callback) = text("callback") {
        builder = builder.callback(callback);
    }
    if let Some(verifier) = text("verifier") {
        builder = builder.verifier(verifier);
    }
    builder = match text("signature_method") {
        Some("HMAC-SHA256") => builder.hmac_sha256(),
        Some("PLAINTEXT") => builder.dangerous_plaintext(),
        _ => builder,
    };
    let nonce = text("nonce").unwrap().to_owned();
    builder
        .clock(Arc::new(At(case["time"].as_u64().unwrap())))
        .nonce(NonceFormat::Custom(Arc::new(move || nonce.clone())))
        .build()
        .unwrap()
}

/// The field `Authorization` of `case`.
fn authorization(case: &Value) -> String {
    let text = |name: &str| case[name].as_str();
    let mut request = Request::builder()
        .method(text("method").unwrap())
        .uri(text("url").unwrap());
    for (name, value) in case["headers"].as_object().unwrap() {
        request = request.header(name, value.as_str().unwrap());
    }
    let (parts, ()): (Parts, ()) = request.body(()).unwrap().into_parts();
    let body = text("body").unwrap_or_default();
    let head = RequestHead::from_parts(&parts).with_body(BodyView::Bytes(body.as_bytes()));
    let credential = signer_of(case).ready(&head).unwrap().unwrap();
    let mut signed = parts.clone();
    credential.attach(&mut signed).unwrap();
    signed.headers["authorization"].to_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs oauthlib"]
fn oauthlib_signs_10_000_random_requests_alike() {
    let mut python = Program::start("signing", "oauth1_signer.py");
    for number in 0..10_000 {
        let case = case(number);
        assert_eq!(authorization(&case), python.ask(&case), "{case}");
    }
}
