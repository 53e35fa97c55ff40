//! HTTP message signatures through the adapters.

mod peers;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{Request, StatusCode};
use multi_auth::{ApiKey, Keyring, Sequence};
use multi_auth_sign::{Algorithm, HttpSignature, HttpSignatureBuilder, SigningKey};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use sha2::{Digest, Sha256};

use super::clock::At;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;
use crate::wire::{assert_wire, transcript};

/// The key of RFC 8037, A.1.
const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn key() -> SigningKey {
    let key = SigningKey::from_jwk(Algorithm::EdDSA, JWK).unwrap();
    key.with_key_id("key-1").unwrap()
}

fn builder() -> HttpSignatureBuilder {
    HttpSignature::builder(key())
}

fn client(adapter: Adapter, server: &ScriptedServer, builder: HttpSignatureBuilder) -> Client {
    let signature = builder.build().unwrap();
    let keyring = Keyring::builder()
        .bind(server.url(), signature)
        .unwrap()
        .build();
    adapter.client(&keyring)
}

/// Whether the server accepts `request`: it builds the signature base from what arrived (RFC 9421,
/// 3.2), and compares the digest with the body.
fn verifies(request: &RecordedRequest) -> bool {
    let header = |name| request.header(name).unwrap_or_default();
    let Some((label, input)) = header("signature-input").split_once('=') else {
        return false;
    };
    let list = input
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .unwrap()
        .0;
    let query = request.query.as_ref().map(|query| format!("?{query}"));
    let mut base = String::new();
    for component in list.split(' ').filter(|one| !one.is_empty()) {
        let value = match component.trim_matches('"') {
            "@method" => request.method.to_string(),
            "@authority" => header("host").to_owned(),
            "@path" => request.path.clone(),
            "@query" => query.clone().unwrap_or_else(|| "?".to_owned()),
            name => header(name).to_owned(),
        };
        let _ = writeln!(base, "{component}: {value}");
    }
    let _ = write!(base, "\"@signature-params\": {input}");
    let signature = header("signature").strip_prefix(&format!("{label}=:"));
    let signature = signature.and_then(|rest| rest.strip_suffix(':')).unwrap();
    let signature = STANDARD.decode(signature).unwrap();
    let public = UnparsedPublicKey::new(&ED25519, URL_SAFE_NO_PAD.decode(PUBLIC).unwrap());
    let digest = format!(
        "sha-256=:{}:",
        STANDARD.encode(Sha256::digest(request.text().as_bytes()))
    );
    let has_digest = request.body.is_empty() || header("content-digest") == digest;
    has_digest && public.verify(base.as_bytes(), &signature).is_ok()
}

async fn verifier() -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|request: &RecordedRequest| {
        let status = if verifies(request) {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        };
        ScriptedResponse::new(status)
    });
    server
}

on_each_adapter! {
    async fn a_server_that_builds_the_signature_base_accepts_it(adapter: Adapter) {
        let server = verifier().await;
        let good = client(adapter, &server, builder().nonce().tag("t").expires_after(Duration::from_secs(60)));
        let request = || Request::post(format!("{}/a%20b/%C3%A9?b=2&a=x+y", server.url()))
            .header("content-type", "application/json")
            .body(TestBody::whole("{}")).unwrap();
        assert_eq!(good.send(request()).await.unwrap().status, StatusCode::OK);
        assert_eq!(good.get(server.url()).await.unwrap().status, StatusCode::OK);
        let sent = server.requests();
        assert!(sent[0].header("signature-input").unwrap().contains(r#""content-digest" "content-type""#));
        assert!(!sent[1].header("signature-input").unwrap().contains("content"));

        // The server refuses another key.
        let other = SigningKey::from_secret(Algorithm::HS256, &[7; 32]).unwrap();
        let refused = client(adapter, &server, HttpSignature::builder(other));
        let refused = refused.send(request()).await.unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_request_that_the_caller_signed_is_sent_as_it_is(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, builder());
        for own in ["signature", "signature-input"] {
            let request = Request::get(server.url()).header(own, "own").body(TestBody::default());
            client.send(request.unwrap()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            let fields = ["signature", "signature-input", "content-digest"];
            let present: Vec<_> = fields.into_iter().filter(|field| sent.header(field).is_some()).collect();
            assert_eq!(present, [own]);
        }
    }

    async fn a_stream_is_an_error_that_names_the_choices(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let covered = client(adapter, &server, builder());
        let error = auth_error(covered.post(server.url(), TestBody::stream("abc")).await).to_string();
        assert!(error.contains("stream") && error.contains("Content-Digest"), "{error}");
        assert_eq!(server.request_count(), 0);
        let uncovered = client(adapter, &server, builder().components(["@method", "@target-uri"]));
        uncovered.post(server.url(), TestBody::stream("abc")).await.unwrap();
        assert_eq!(server.requests().pop().unwrap().header("content-digest"), None);
    }

    async fn a_redirect_is_signed_anew_and_to_another_origin_not_at_all(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let client = client(adapter, &home, builder());
        home.push(crate::redirect::redirect_to(&home, "/next"));
        client.get(home.url()).await.unwrap();
        assert!(home.requests().iter().all(verifies));
        home.push(crate::redirect::redirect_to(&away, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = away.requests().pop().unwrap();
        for name in ["signature", "signature-input", "content-digest"] {
            assert_eq!(sent.header(name), None, "{name}");
        }
    }

    async fn a_signature_covers_the_credential_that_a_sequence_sets_first(adapter: Adapter) {
        let server = verifier().await;
        let signature = builder().components(["@method", "authorization"]).build().unwrap();
        let both = Sequence::new(ApiKey::authorization("Bearer k-1").unwrap(), signature);
        let keyring = Keyring::builder().bind(server.url(), both).unwrap().build();
        let answer = adapter.client(&keyring).get(server.url()).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        let input = server.requests().pop().unwrap();
        assert!(input.header("signature-input").unwrap().contains(r#"("@method" "authorization")"#));
    }

    async fn a_message_signature_on_the_wire(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let clock = || Arc::new(At(1_618_884_473));
        let request = || Request::post(format!("{}/v1/items?b=2", server.url()))
            .header("host", "api.example.com")
            .header("content-type", "application/json")
            .body(TestBody::whole("{}")).unwrap();
        let plain = builder().clock(clock());
        client(adapter, &server, plain).send(request()).await.unwrap();
        let bot = HttpSignature::web_bot_auth(key(), "https://bot.example.com").clock(clock());
        let bot = bot.nonce_from(|| Ok("n-1".to_owned()));
        client(adapter, &server, bot).send(request()).await.unwrap();
        assert_wire(adapter, "http_signature", &transcript(&server));
    }
}
