//! Schemes that read the JSON body of a response.

use http::StatusCode;
use multi_auth::{AuthError, BearerBuilder, Keyring, NotReplayed, Rejection};
use multi_auth_testing::{Fault, ScriptedResponse};
use multi_auth_tower::AuthLayer;
use serde_json::json;
use tower::{Layer, ServiceExt};

use crate::adapter::{Adapter, auth_error, hyper};
use crate::body::TestBody;
use crate::rig::ImmutaRig;

/// A vendor that reports an expired token as `{"error": "expired"}`, with any status.
fn reading(bearer: BearerBuilder) -> BearerBuilder {
    bearer
        .refresh_when_json(|response| response.json_text("/error").as_deref() == Some("expired"))
        .forbidden_when_json(|response| {
            response.json_text("/error").as_deref() == Some("forbidden")
        })
}

fn error(status: StatusCode, name: &str) -> Fault {
    let body = json!({ "error": name });
    Fault::response(ScriptedResponse::new(status).with_json(&body)).on("/audit")
}

on_each_adapter! {
    async fn a_response_whose_body_reports_an_expired_token_refreshes_it(adapter: Adapter) {
        for status in [StatusCode::OK, StatusCode::BAD_REQUEST] {
            let rig = ImmutaRig::with(adapter, reading).await;
            rig.server.inject(error(status, "expired").times(1));

            let answer = rig.client.get(&rig.audit()).await.unwrap();

            let outcome = answer.outcome.unwrap();
            assert_eq!((outcome.attempts(), outcome.refused_with()), (2, status));
            assert_eq!((answer.status, outcome.not_replayed()), (StatusCode::OK, None));
            assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (2, 2));
        }
    }

    async fn a_body_that_reports_it_again_is_delivered_whole(adapter: Adapter) {
        let rig = ImmutaRig::with(adapter, reading).await;
        rig.server.inject(error(StatusCode::OK, "expired"));

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        assert_eq!(answer.outcome.unwrap().not_replayed(), Some(NotReplayed::RefusedAgain));
        assert_eq!(answer.body, json!({ "error": "expired" }).to_string());
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (2, 2));
    }

    async fn a_body_that_reports_a_missing_permission_keeps_the_token(adapter: Adapter) {
        let rig = ImmutaRig::with(adapter, reading).await;
        rig.server.inject(error(StatusCode::UNAUTHORIZED, "forbidden"));

        let answer = rig.client.get(&rig.audit()).await.unwrap();

        let why = answer.outcome.unwrap().not_replayed();
        assert_eq!(why, Some(NotReplayed::Rejected(Rejection::InsufficientScope)));
        assert_eq!(answer.body, json!({ "error": "forbidden" }).to_string());
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (1, 1));
    }

    async fn every_body_is_delivered_as_the_vendor_sent_it(adapter: Adapter) {
        let rig = ImmutaRig::with(adapter, reading).await;
        for media_type in ["application/json", "text/plain", "application/octet-stream"] {
            for length in [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000] {
                let body = "x".repeat(length);
                let response = ScriptedResponse::new(StatusCode::OK)
                    .with_body(body.clone())
                    .with_header("content-type", media_type).unwrap();
                rig.server.inject(Fault::response(response).times(1).on("/audit"));

                let answer = rig.client.get(&rig.audit()).await.unwrap();

                assert!(answer.body == body, "{media_type} {length}");
            }
        }
        assert_eq!(rig.server.tokens_issued(), 1);
    }
}

/// The examples' adapters read no bodies, and say so before a request is sent.
async fn is_refused_before_it_is_sent(adapter: Adapter) {
    let rig = ImmutaRig::with(adapter, reading).await;
    let error = auth_error(rig.client.get(&rig.audit()).await);
    assert!(matches!(error, AuthError::Attach { .. }), "{error:?}");
    assert_eq!(rig.api_requests(), 0);
}

#[tokio::test]
async fn an_adapter_that_reads_no_bodies_fails_before_the_request_is_sent() {
    is_refused_before_it_is_sent(Adapter::Hyper).await;
    is_refused_before_it_is_sent(Adapter::Ureq).await;
}

#[tokio::test]
async fn the_tower_layer_without_read_responses_fails_before_the_request_is_sent() {
    let rig = ImmutaRig::with(Adapter::Tower, reading).await;
    let layer = AuthLayer::new(rig.keyring.clone()).with_replay(TestBody::copy);
    // Without a token first, and then with a ready one.
    for _ in 0..2 {
        let request = http::Request::get(rig.audit()).body(TestBody::default());
        let sent = layer.layer(hyper()).oneshot(request.unwrap()).await;
        let error = sent.expect_err("the request fails");
        let error = AuthError::find(&*error).expect("an AuthError");
        assert!(
            error.to_string().contains("AuthLayer::read_responses"),
            "{error}"
        );
    }
    assert_eq!(rig.api_requests(), 0);
}

#[tokio::test]
async fn a_json_body_without_end_is_delivered_once_it_is_too_long() {
    let rig = ImmutaRig::with(Adapter::Reqwest, reading).await;
    let endless = ScriptedResponse::new(StatusCode::OK)
        .with_endless_body("[1, 2, 3, 4, 5, 6, 7, 8, 9],")
        .with_header("content-type", "application/json")
        .unwrap();
    rig.server.inject(Fault::response(endless).on("/audit"));
    let client = multi_auth_reqwest::guarded_client(rig.keyring.clone())
        .build()
        .unwrap();

    let mut answer = client.get(rig.audit()).send().await.unwrap();

    let start = answer.chunk().await.unwrap().unwrap();
    assert!(start.starts_with(b"[1, 2, 3,") && start.len() > 64 * 1024);
    assert!(answer.chunk().await.unwrap().unwrap().len() > 1);
    assert_eq!(answer.url().as_str(), rig.audit());
}

#[tokio::test]
async fn a_stream_of_events_is_not_read() {
    let rig = ImmutaRig::with(Adapter::Reqwest, reading).await;
    let endless = ScriptedResponse::new(StatusCode::OK)
        .with_dripping_body("data: {}\n\n", std::time::Duration::from_secs(3600))
        .with_header("content-type", "text/event-stream")
        .unwrap();
    rig.server.inject(Fault::response(endless).on("/audit"));
    let client = multi_auth_reqwest::guarded_client(rig.keyring.clone())
        .build()
        .unwrap();
    let answer = client.get(rig.audit()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_keyring_without_such_a_scheme_needs_no_reading_layer() {
    let rig = ImmutaRig::start(Adapter::Tower).await;
    let keyring: Keyring = rig.keyring.clone();
    let service = AuthLayer::new(keyring)
        .with_replay(TestBody::copy)
        .layer(hyper());
    let request = http::Request::get(rig.audit()).body(TestBody::default());
    assert_eq!(
        service.oneshot(request.unwrap()).await.unwrap().status(),
        StatusCode::OK
    );
}
