//! Schemes that sign the request. They see the body, and sign the request again if the server asks
//! for it.

mod apache;
mod azure;
mod buffered;
mod clock;
mod digest;
pub(crate) mod dpop;
mod hmac_signer;
mod http_signature;
mod nonce;
mod oauth1;
mod program;
mod sequence;
mod sigv4;
mod whole;

use std::sync::Arc;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Request, StatusCode};
use multi_auth::{AuthError, Keyring, SystemClock};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use multi_auth_tower::{AuthLayer, BufferBody};
use sha2::Sha256;
use tower::{ServiceBuilder, ServiceExt};

use self::hmac_example::HmacSignature;
use crate::adapter::auth_error;
use crate::body::TestBody;

#[path = "../../examples/schemes/hmac.rs"]
mod hmac_example;

const KEY: &[u8] = b"a shared key";

fn signature() -> HmacSignature {
    HmacSignature::new(KEY, Arc::new(SystemClock)).unwrap()
}

/// Whether the signature of `request` is valid. This oracle shares no code with the scheme.
fn is_signed(request: &RecordedRequest) -> bool {
    let (Some(timestamp), Some(signature)) =
        (request.header("x-timestamp"), request.header("x-signature"))
    else {
        return false;
    };
    let message = format!(
        "{}\n{}\n{}\n{timestamp}\n{}",
        request.method,
        request.path,
        request.query.as_deref().unwrap_or_default(),
        request.text(),
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    mac.update(message.as_bytes());
    let bytes: Vec<u8> = (0..signature.len())
        .step_by(2)
        .filter_map(|at| u8::from_str_radix(signature.get(at..at + 2)?, 16).ok())
        .collect();
    mac.verify_slice(&bytes).is_ok()
}

/// Answers 200 if `is_right`, and else with `refusal`.
fn verdict(is_right: bool, refusal: StatusCode) -> ScriptedResponse {
    ScriptedResponse::new(if is_right { StatusCode::OK } else { refusal })
}

/// A server that refuses with `refusal` what does not verify.
async fn verifier(verifies: fn(&RecordedRequest) -> bool, refusal: StatusCode) -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(move |request: &RecordedRequest| verdict(verifies(request), refusal));
    server
}

async fn verifying() -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|request: &RecordedRequest| match &*request.path {
        "/moved" => ScriptedResponse::new(StatusCode::SEE_OTHER)
            .with_header("location", "/new?a=1")
            .unwrap(),
        _ => verdict(is_signed(request), StatusCode::UNAUTHORIZED),
    });
    server
}

fn signed(server: &ScriptedServer) -> Keyring {
    Keyring::builder()
        .bind(server.url(), signature())
        .unwrap()
        .build()
}

on_each_adapter! {
    async fn a_request_is_signed_over_method_path_query_and_body(adapter: Adapter) {
        let server = verifying().await;
        let client = adapter.client(&signed(&server));
        let url = format!("{}/orders?dry_run=true", server.url());
        assert_eq!(client.get(&url).await.unwrap().status, StatusCode::OK);
        let body = TestBody::whole(r#"{"item": 1}"#);
        assert_eq!(client.post(&url, body).await.unwrap().status, StatusCode::OK);
        let requests = server.requests();
        assert_ne!(requests[0].header("x-signature"), requests[1].header("x-signature"));
    }

    async fn a_streamed_body_is_a_typed_error_and_no_request_is_sent(adapter: Adapter) {
        let server = verifying().await;
        let client = adapter.client(&signed(&server));
        let error = auth_error(client.post(server.url(), TestBody::stream("abc")).await);
        assert!(matches!(error, AuthError::Attach { .. }), "{error:?}");
        assert!(server.requests().is_empty());
    }

    async fn a_timestamp_or_a_signature_of_the_caller_keeps_the_scheme_from_signing(adapter: Adapter) {
        let server = verifying().await;
        let client = adapter.client(&signed(&server));
        for [own, other] in [["x-timestamp", "x-signature"], ["x-signature", "x-timestamp"]] {
            let value = HeaderValue::from_static("set by the caller");
            let request = Request::get(server.url()).header(own, value).body(TestBody::whole(""));
            let response = client.send(request.unwrap()).await.unwrap();
            assert_eq!(response.status, StatusCode::UNAUTHORIZED);
            let last = server.requests().pop().unwrap();
            assert_eq!(last.header_values(own), ["set by the caller"]);
            assert_eq!(last.header(other), None);
        }
        assert_eq!(server.request_count(), 2);
    }

    async fn after_a_redirect_without_the_body_the_signature_covers_an_empty_body(adapter: Adapter) {
        let server = verifying().await;
        let client = adapter.client(&signed(&server));
        let moved = format!("{}/moved", server.url());
        let answer = client.post(&moved, TestBody::whole("abc")).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
        let last = server.requests().pop().unwrap();
        assert_eq!((last.method.as_str(), &*last.path, &*last.text()), ("GET", "/new", ""));
    }
}

/// A service that buffers bodies of at most `limit` bytes.
fn buffering(
    server: &ScriptedServer,
    limit: usize,
) -> impl tower::Service<
    Request<TestBody>,
    Response = http::Response<hyper::body::Incoming>,
    Error = tower::BoxError,
> {
    let layer = AuthLayer::new(signed(server)).with_replay(BufferBody::up_to(limit));
    ServiceBuilder::new()
        .layer(layer)
        .service(crate::adapter::hyper())
}

#[tokio::test]
async fn a_stream_is_buffered_up_to_the_limit_and_signed() {
    let server = verifying().await;
    let request = |text: &'static str| {
        let body = TestBody::stream(Bytes::from_static(text.as_bytes()));
        Request::post(server.url()).body(body).unwrap()
    };
    let response = buffering(&server, 3).oneshot(request("abc")).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let error = buffering(&server, 3)
        .oneshot(request("abcd"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("longer than 3 bytes"), "{error}");
    assert_eq!(server.requests().len(), 1);
}
