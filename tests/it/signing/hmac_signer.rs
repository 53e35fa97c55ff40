//! Signatures by a vendor's own rules, through the adapters.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use http::{Request, StatusCode};
use multi_auth::Keyring;
use multi_auth_sign::{HashAlgorithm, HmacSigner, HmacSignerBuilder, NonceFormat, TemplateValue};
use multi_auth_testing::{RecordedRequest, ScriptedServer};
use sha2::Sha256;

use super::clock::At;
use crate::adapter::{Adapter, Client, auth_error};
use crate::body::TestBody;
use crate::wire::{assert_wire, transcript};

const KEY: &[u8] = b"a shared key";

const MESSAGE: &str =
    "{timestamp}\n{nonce}\n{method}\n{authority}\n{request_target}\n{header:content-type}\n{body}";

/// A signature over all parts of the request, with a nonce.
fn builder() -> HmacSignerBuilder {
    builder_of(MESSAGE)
}

fn builder_of(message: &str) -> HmacSignerBuilder {
    HmacSigner::builder()
        .value(
            "signature",
            TemplateValue::hmac(HashAlgorithm::Sha256, message),
        )
        .secret("api_key", "k-1")
        .header("x-key", "{api_key}")
        .header("x-nonce", "{nonce}")
        .header("x-timestamp", "{timestamp}")
        .header("x-signature", "{signature}")
}

fn client(adapter: Adapter, server: &ScriptedServer, builder: HmacSignerBuilder) -> Client {
    let signer = builder.build(KEY).unwrap();
    let keyring = Keyring::builder()
        .bind(server.url(), signer)
        .unwrap()
        .build();
    adapter.client(&keyring)
}

/// Whether the server accepts `request`: it computes the signature from what arrived.
fn verifies(request: &RecordedRequest) -> bool {
    let header = |name| request.header(name).unwrap_or_default();
    let query = request
        .query
        .as_ref()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let lines = [
        header("x-timestamp"),
        header("x-nonce"),
        request.method.as_str(),
        header("host"),
        &format!("{}{query}", request.path),
        header("content-type"),
        &request.text(),
    ];
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    mac.update(lines.join("\n").as_bytes());
    hex::encode(mac.finalize().into_bytes()) == header("x-signature")
}

async fn verifier() -> ScriptedServer {
    super::verifier(verifies, StatusCode::UNAUTHORIZED).await
}

on_each_adapter! {
    async fn a_server_that_computes_the_signature_accepts_it(adapter: Adapter) {
        let server = verifier().await;
        let good = client(adapter, &server, builder());
        let request = || Request::post(format!("{}/a%20b/%C3%A9?b=2&a=x+y%2B", server.url()))
            .header("content-type", "application/json")
            .body(TestBody::whole("{}")).unwrap();
        assert_eq!(good.send(request()).await.unwrap().status, StatusCode::OK);
        assert_eq!(good.get(server.url()).await.unwrap().status, StatusCode::OK);

        // The server refuses another key and another message.
        let other = builder().build(b"another key").unwrap();
        let keyring = Keyring::builder().bind(server.url(), other).unwrap().build();
        let refused = adapter.client(&keyring).send(request()).await.unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        let other = client(adapter, &server, builder_of(&MESSAGE.replace("{method}", "PUT")));
        let refused = other.send(request()).await.unwrap();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_signature_of_the_query_is_its_last_parameter(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let signature = TemplateValue::hmac(HashAlgorithm::Sha256, "{query}");
        let builder = HmacSigner::builder()
            .clock(Arc::new(At(1_499_827_319)))
            .value("signature", signature)
            .query_parameter("signature", "{signature}")
            .query_parameter("timestamp", "{timestamp}");
        client(adapter, &server, builder).get(&format!("{}/?b=2&a=%20", server.url())).await.unwrap();
        let query = server.requests().pop().unwrap().query.unwrap();
        let (signed, signature) = query.split_once("&signature=").unwrap();
        assert_eq!(signed, "b=2&a=%20&timestamp=1499827319");
        let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
        mac.update(signed.as_bytes());
        assert_eq!(signature, hex::encode(mac.finalize().into_bytes()));
    }

    async fn a_request_that_the_caller_signed_in_part_is_sent_as_it_is(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, builder());
        for own in ["x-key", "x-nonce", "x-timestamp", "x-signature"] {
            let request = Request::get(server.url()).header(own, "own").body(TestBody::default());
            client.send(request.unwrap()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            let fields = ["x-key", "x-nonce", "x-timestamp", "x-signature"];
            let present: Vec<_> = fields.into_iter().filter(|field| sent.header(field).is_some()).collect();
            assert_eq!(present, [own]);
        }
    }

    async fn a_stream_that_is_signed_is_an_error(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let client = client(adapter, &server, builder());
        let error = auth_error(client.post(server.url(), TestBody::stream("abc")).await).to_string();
        assert!(error.contains("stream"), "{error}");
        assert_eq!(server.request_count(), 0);
    }

    async fn a_signature_without_the_body_takes_a_stream(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let signature = TemplateValue::hmac(HashAlgorithm::Sha256, "{method}{path}");
        let builder = HmacSigner::builder().value("s", signature).header("x-signature", "{s}");
        client(adapter, &server, builder).post(server.url(), TestBody::stream("abc")).await.unwrap();
        assert_eq!(server.requests().pop().unwrap().text(), "abc");
    }

    async fn a_redirect_is_signed_anew_and_to_another_origin_not_at_all(adapter: Adapter) {
        let (home, away) = crate::redirect::servers().await;
        let client = client(adapter, &home, builder());
        home.push(crate::redirect::redirect_to(&home, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = home.requests();
        assert!(sent.iter().all(verifies));
        assert_ne!(sent[0].header("x-nonce"), sent[1].header("x-nonce"));

        home.push(crate::redirect::redirect_to(&away, "/next"));
        client.get(home.url()).await.unwrap();
        let sent = away.requests().pop().unwrap();
        for name in ["x-key", "x-nonce", "x-timestamp", "x-signature"] {
            assert_eq!(sent.header(name), None, "{name}");
        }
    }

    async fn a_signature_by_templates_on_the_wire(adapter: Adapter) {
        let server = ScriptedServer::start().await.unwrap();
        let builder = builder().clock(Arc::new(At(1_499_827_319)));
        let builder = builder.nonce(NonceFormat::Custom(Arc::new(|| "n-1".to_owned())));
        let request = Request::post(format!("{}/v1/items?b=2", server.url()))
            .header("host", "api.example.com")
            .header("content-type", "application/json");
        let client = client(adapter, &server, builder.query_parameter("v", "2"));
        client.send(request.body(TestBody::whole("{}")).unwrap()).await.unwrap();
        assert_wire(adapter, "hmac", &transcript(&server));
    }
}
