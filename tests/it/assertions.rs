//! Assertions and tokens that the program signs, at a server that verifies them.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use jsonwebtoken::{DecodingKey, Validation, decode};
use multi_auth::oauth::{Client, Grant};
use multi_auth::{Bearer, Keyring, SecretString, TokenEndpoint, TokenRequestBody, TokenSource};
use multi_auth_sign::{Algorithm, ClientAssertion, Jwt, JwtSource, SigningKey};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::Value;

use crate::adapter::Adapter;

/// A key, and what verifies its signatures.
fn key_pair() -> (SigningKey, DecodingKey) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let body = STANDARD.encode(pair.to_pkcs8v1().unwrap());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    let key = SigningKey::from_pem(Algorithm::ES256, pem).unwrap();
    (key, DecodingKey::from_ec_der(pair.public_key().as_ref()))
}

fn claims(jwt: &str, verifier: &DecodingKey, audience: &str) -> Option<Value> {
    let mut validation = Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[audience]);
    Some(decode(jwt, verifier, &validation).ok()?.claims)
}

/// A token endpoint at `/token` that refuses an assertion that it has seen, and is busy the first
/// time. `/v1` wants its token.
fn issuer(verifier: DecodingKey) -> impl Fn(&RecordedRequest) -> ScriptedResponse {
    let seen = Mutex::new(HashSet::new());
    move |request| {
        if request.path == "/v1" {
            let is_right = request.header("authorization") == Some("Bearer t-2");
            return ScriptedResponse::new(if is_right {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            });
        }
        let fields: HashMap<_, _> = url::form_urlencoded::parse(&request.body)
            .into_owned()
            .collect();
        let claims = claims(
            &fields["client_assertion"],
            &verifier,
            "https://login.example",
        );
        let is_right = fields["client_assertion_type"]
            .ends_with("client-assertion-type:jwt-bearer")
            && claims
                .as_ref()
                .is_some_and(|claims| claims["iss"] == "my-app" && claims["sub"] == "my-app");
        let jti = claims.map(|claims| claims["jti"].to_string());
        let mut seen = seen.lock().unwrap();
        match (is_right && seen.insert(jti), seen.len()) {
            (false, _) => ScriptedResponse::new(StatusCode::BAD_REQUEST)
                .with_body(r#"{"error": "invalid_client"}"#),
            (true, 1) => ScriptedResponse::new(StatusCode::SERVICE_UNAVAILABLE),
            (true, number) => ScriptedResponse::default()
                .with_body(format!(r#"{{"access_token": "t-{number}"}}"#)),
        }
    }
}

fn keyring(server: &ScriptedServer, source: impl TokenSource + 'static) -> Keyring {
    let pause = Duration::from_millis(1);
    let bearer = Bearer::builder(source)
        .attempts(NonZeroU32::MIN.saturating_add(1))
        .backoff(pause, pause);
    let url = format!("{}/v1", server.url());
    Keyring::builder()
        .bind(url, bearer.build())
        .unwrap()
        .build()
}

fn endpoint(adapter: Adapter, server: &ScriptedServer) -> multi_auth::TokenEndpointBuilder {
    let url = format!("{}/token", server.url());
    TokenEndpoint::builder(&url, adapter.transport()).unwrap()
}

on_each_adapter! {
    async fn a_client_authenticates_with_a_fresh_assertion_at_each_attempt(adapter: Adapter) {
        let (key, verifier) = key_pair();
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(issuer(verifier));
        let assertions = ClientAssertion::new("my-app", "https://login.example", key).unwrap();
        let client = Client::assertion("my-app", assertions).unwrap();
        let source = endpoint(adapter, &server).grant(Grant::client_credentials(), client).build();
        let client = adapter.client(&keyring(&server, source));
        assert_eq!(client.get(&format!("{}/v1", server.url())).await.unwrap().status, StatusCode::OK);
        assert_eq!(server.requests_to("/token").len(), 2);
    }

    async fn a_body_that_is_made_for_each_attempt_takes_an_assertion(adapter: Adapter) {
        let (key, verifier) = key_pair();
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(issuer(verifier));
        let client = ClientAssertion::new("my-app", "https://login.example", key).unwrap();
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let source = endpoint(adapter, &server).body_with(move || {
            Ok(TokenRequestBody::form([
                ("grant_type", SecretString::from("client_credentials")),
                ("client_assertion_type", kind.into()),
                ("client_assertion", client.assertion()?),
            ]))
        });
        let client = adapter.client(&keyring(&server, source.build()));
        assert_eq!(client.get(&format!("{}/v1", server.url())).await.unwrap().status, StatusCode::OK);
    }

    async fn a_self_signed_token_serves_more_than_one_request(adapter: Adapter) {
        let (key, verifier) = key_pair();
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(move |request: &RecordedRequest| {
            let jwt = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
            let is_right = jwt.is_some_and(|jwt| claims(jwt, &verifier, "https://api.example").is_some());
            ScriptedResponse::new(if is_right { StatusCode::OK } else { StatusCode::UNAUTHORIZED })
        });
        let jwt = Jwt::builder().audience("https://api.example").random_id().build().unwrap();
        let client = adapter.client(&keyring(&server, JwtSource::new(jwt, key)));
        for _ in 0..2 {
            let answer = client.get(&format!("{}/v1", server.url())).await.unwrap();
            assert_eq!(answer.status, StatusCode::OK);
        }
        let sent = server.requests();
        assert_eq!(sent[0].header("authorization"), sent[1].header("authorization"));
    }
}
