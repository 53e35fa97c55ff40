//! Requests that oauthlib (Python, BSD-3-Clause) signed: `tests/vectors/oauth1-oauthlib.py`.

use serde_json::Value;

use super::*;

/// A signer as the case describes it.
fn signer(case: &Value) -> OAuth1 {
    let text = |name: &str| case[name].as_str();
    let mut builder = OAuth1::builder(
        text("consumer_key").unwrap(),
        text("consumer_secret").unwrap(),
    );
    if let Some(token) = text("token") {
        builder = builder.token(token, text("token_secret").unwrap());
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
    builder = match text("method").unwrap() {
        "HMAC-SHA256" => builder.hmac_sha256(),
        "PLAINTEXT" => builder.dangerous_plaintext(),
        _ => builder,
    };
    let time = case["time"].as_u64().unwrap();
    fixed(builder, time, text("nonce").unwrap())
        .build()
        .unwrap()
}

#[test]
fn each_recorded_request_has_the_header_of_oauthlib() {
    let vectors = include_str!("../../../tests/vectors/oauth1-oauthlib.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    for case in cases {
        let text = |name: &str| case[name].as_str().unwrap();
        let fields = case["headers"].as_object().unwrap().iter();
        let fields: Vec<_> = fields
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let parts = request(text("http_method"), text("url"), &fields);
        let body = case["body"].as_str().unwrap_or_default();
        let header = authorization(&signer(case), &parts, body.as_bytes());
        assert_eq!(header, text("authorization"), "{case}");
    }
    assert_eq!(cases.len(), 64);
}
