//! Keys of the file that sign a token request, a client's assertion, or with an encoded secret.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{keyring, parse};
use crate::adapter::Adapter;

/// A P-256 key as PEM and as JWK, and what verifies it.
struct Key {
    pem: String,
    jwk: String,
    verifier: DecodingKey,
}

fn key() -> Key {
    let pair = rcgen::KeyPair::generate().unwrap();
    let point = pair.public_key_raw();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (x, y) = (number(&point[1..33]), number(&point[33..]));
    let der = pair.serialize_der();
    // PKCS#8 of a P-256 key holds the private number after this marker (RFC 5915).
    let at = der
        .windows(5)
        .position(|window| window == [2, 1, 1, 4, 32])
        .unwrap()
        + 5;
    let d = number(&der[at..at + 32]);
    Key {
        pem: pair.serialize_pem(),
        jwk: json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d }).to_string(),
        verifier: DecodingKey::from_ec_components(&x, &y).unwrap(),
    }
}

fn claims(jwt: &str, key: &DecodingKey, algorithm: Algorithm, audience: Option<&str>) -> Value {
    let mut validation = Validation::new(algorithm);
    validation.validate_aud = audience.is_some();
    validation.set_audience(&[audience.unwrap_or_default()]);
    decode::<Value>(jwt, key, &validation).unwrap().claims
}

/// The requests of a client of `entry` that asks for `/v1/x`. Each other path returns a token.
async fn sent(entry: &str, secret: &str) -> Vec<RecordedRequest> {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|request| {
        let body =
            json!({ "access_token": "t-1", "token": "t-1", "expires_at": "2099-01-01T00:00:00Z" });
        let is_api = request.path.starts_with("/v1");
        let status = match (is_api, request.header("authorization")) {
            (true, Some(value)) if !value.ends_with("t-1") && !value.contains("eyJ") => 401,
            _ => 200,
        };
        ScriptedResponse::new(StatusCode::from_u16(status).unwrap()).with_json(&body)
    });
    let secret = Value::from(secret);
    let text = format!(
        "[vendors.v]\nurl = '{url}/v1'\nkey = {{ dangerous_inline = {secret} }}\n{entry}",
        url = server.url()
    );
    let text = text.replace("$URL", server.url());
    let client = Adapter::Reqwest.client(&keyring(&text).await.unwrap());
    let status = client
        .get(&format!("{}/v1/x", server.url()))
        .await
        .unwrap()
        .status;
    assert_eq!(status, 200);
    server.requests()
}

fn bearer(request: &RecordedRequest) -> &str {
    let value = request.header("authorization").unwrap();
    value.strip_prefix("Bearer ").unwrap()
}

/// GitHub App: a JWT asks for the token of an installation.
#[tokio::test]
async fn a_jwt_is_the_credential_of_a_token_request() {
    let key = key();
    let entry = "scheme = 'token_endpoint'\nalgorithm = 'ES256'\n\
        jwt = { issuer = '123', lifetime = '9m', backdated_by = '60s' }\n\
        token_endpoint = { url = '$URL/app/installations/7/access_tokens', format = 'none', \
        credential = { scheme = 'jwt' }, token_at = '/token', expires_at = '/expires_at' }";
    for secret in [&key.pem, &key.jwk] {
        let requests = sent(entry, secret).await;
        let claims = claims(bearer(&requests[0]), &key.verifier, Algorithm::ES256, None);
        assert_eq!(claims["iss"], "123");
        assert!(requests[0].body.is_empty() && !requests[0].headers.contains_key("content-type"));
        assert_eq!(bearer(&requests[1]), "t-1");
    }
}

/// Microsoft Entra finds the key by its certificate.
#[tokio::test]
async fn a_clients_assertion_has_other_header_members_and_claims() {
    let key = key();
    let entry = "scheme = 'client_credentials'\ntoken_url = '$URL/token'\nclient_id = 'c-1'\n\
        client_auth = 'private_key_jwt'\nalgorithm = 'ES256'\nassertion_audience = 'https://login.example'\n\
        jwt = { lifetime = '10m', not_before = true, header = { 'x5t#S256' = 'abc' }, claims = { env = 'test' } }";
    let requests = sent(entry, &key.pem).await;
    let fields: std::collections::HashMap<_, _> = form_urlencoded::parse(&requests[0].body)
        .into_owned()
        .collect();
    let assertion = &fields["client_assertion"];
    let claims = claims(
        assertion,
        &key.verifier,
        Algorithm::ES256,
        Some("https://login.example"),
    );
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("c-1"), &json!("c-1"))
    );
    assert!(claims["nbf"].is_u64() && claims["jti"].is_string() && claims["env"] == "test");
    let header = assertion.split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header["x5t#S256"], "abc");
}

#[tokio::test]
async fn an_encoded_secret_is_decoded_before_it_signs() {
    let bytes: Vec<u8> = (0..40).map(|number| number * 6 + 3).collect();
    let hex = bytes
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let text = "a secret of at least thirty-two bytes";
    for (encoding, secret, expected) in [
        ("hex", hex.clone(), bytes.clone()),
        ("hex", hex.to_uppercase(), bytes.clone()),
        ("base64", STANDARD.encode(&bytes), bytes.clone()),
        ("base64url", URL_SAFE_NO_PAD.encode(&bytes), bytes.clone()),
        (
            "base64url",
            format!("{}==", URL_SAFE_NO_PAD.encode(&bytes)),
            bytes.clone(),
        ),
        ("text", text.to_owned(), text.as_bytes().to_vec()),
    ] {
        let entry = format!(
            "scheme = 'jwt'\nprefix = 'Bearer '\nalgorithm = 'HS256'\nkey_encoding = '{encoding}'\n\
             jwt = {{ audience = '/admin/' }}"
        );
        let requests = sent(&entry, &secret).await;
        let verifier = DecodingKey::from_secret(&expected);
        claims(
            bearer(&requests[0]),
            &verifier,
            Algorithm::HS256,
            Some("/admin/"),
        );
    }
}

#[tokio::test]
async fn a_secret_in_another_encoding_is_refused_without_it() {
    for (encoding, secret) in [
        ("hex", "canary"),
        ("hex", "abc"),
        ("base64", "canary*"),
        ("base64url", "can/ary"),
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'jwt'\nalgorithm = 'HS256'\n\
             key_encoding = '{encoding}'\nkey = {{ dangerous_inline = '{secret}' }}\njwt = {{ issuer = 'i' }}"
        );
        let config = parse(&text).unwrap();
        let error = config
            .keyring(Adapter::Reqwest.transport())
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("is not in its encoding") && !error.contains("canary"),
            "{error}"
        );
    }
}

/// The key signs the assertion, and the client has a secret besides.
#[tokio::test]
async fn a_client_with_a_secret_presents_an_assertion() {
    let key = key();
    for (auth, in_body) in [("client_secret_post", true), ("client_secret_basic", false)] {
        let entry = format!(
            "scheme = 'jwt_bearer'\ntoken_url = '$URL/token'\nclient_id = 'c-1'\nclient_auth = '{auth}'\n\
             algorithm = 'ES256'\njwt = {{ issuer = 'c-1', audience = 'https://login.example' }}\n\
             secrets = {{ client_secret = {{ dangerous_inline = 's-1' }} }}"
        );
        let requests = sent(&entry, &key.pem).await;
        let fields: std::collections::HashMap<_, _> = form_urlencoded::parse(&requests[0].body)
            .into_owned()
            .collect();
        claims(
            &fields["assertion"],
            &key.verifier,
            Algorithm::ES256,
            Some("https://login.example"),
        );
        let basic = format!("Basic {}", STANDARD.encode("c-1:s-1"));
        let expected = if in_body { None } else { Some(basic.as_str()) };
        assert_eq!(requests[0].header("authorization"), expected);
        assert_eq!(
            fields.get("client_secret").map(String::as_str),
            in_body.then_some("s-1")
        );
    }
}

#[test]
fn an_invalid_use_of_a_key_is_an_error_with_a_remedy() {
    const ENDPOINT: &str = "scheme = 'token_endpoint'\ntoken_endpoint = { url = 'https://v.example/t', credential = { scheme = 'header', name = 'x' } }";
    const CLIENT: &str =
        "scheme = 'client_credentials'\ntoken_url = 'https://v.example/t'\nclient_id = 'c'";
    const ASSERTION: &str =
        "scheme = 'jwt_bearer'\ntoken_url = 'https://v.example/t'\njwt = { issuer = 'i' }";
    const SECRET: &str = "secrets = { client_secret = { env = 'S' } }";
    for (entry, expected) in [
        (
            format!("{ENDPOINT}\njwt = {{ issuer = 'i' }}"),
            "jwt: is not used by this scheme",
        ),
        (
            format!("{ENDPOINT}\nalgorithm = 'ES256'"),
            "algorithm: is not used",
        ),
        (
            format!("{CLIENT}\njwt = {{ lifetime = '1m' }}"),
            "jwt: is not used",
        ),
        (
            format!("{CLIENT}\nclient_auth = 'private_key_jwt'\njwt = {{ issuer = 'canary' }}"),
            "jwt: sets a claim that client authentication sets",
        ),
        (
            format!("{CLIENT}\nclient_auth = 'private_key_jwt'\nkey_encoding = 'hex'"),
            "key_encoding: is used with HS256 only",
        ),
        (format!("{CLIENT}\n{SECRET}"), "secrets: is not used"),
        (format!("{CLIENT}\nkey_encoding = 'hex'"), "key_encoding: "),
        (
            format!("{ASSERTION}\nkey_encoding = 'utf8'"),
            "key_encoding: has an invalid value",
        ),
        (
            format!("{ASSERTION}\n{SECRET}"),
            "secrets: needs `client_id`",
        ),
        (
            format!("{ASSERTION}\nclient_id = 'c'\nclient_auth = 'client_secret_post'"),
            "client_auth: needs the client's secret",
        ),
        (
            format!("{ASSERTION}\nclient_id = 'c'\nclient_auth = 'private_key_jwt'\n{SECRET}"),
            "client_auth: needs the client's secret",
        ),
        (
            format!("{ASSERTION}\nclient_id = 'c'\nsecrets = {{ other = {{ env = 'S' }} }}"),
            "secrets: has a secret that this scheme does not use",
        ),
    ] {
        let text =
            format!("[vendors.v]\nurl = 'https://v.example'\nkey = {{ env = 'K' }}\n{entry}");
        let error = parse(&text).unwrap_err().to_string();
        assert!(
            error.contains(expected) && !error.contains("canary"),
            "{entry}: {error}"
        );
    }
}
