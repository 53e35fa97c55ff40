//! Which requests are replayed, and which are not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::{Request, StatusCode};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use multi_auth::{AuthError, Keyring, NotReplayed};
use multi_auth_testing::Fault;
use multi_auth_tower::AuthLayer;
use tower::{Layer, Service, ServiceExt};

use crate::adapter::auth_error;
use crate::body::TestBody;
use crate::rig::ImmutaRig;

/// Refuses the next request.
fn refuse_once(rig: &ImmutaRig) {
    rig.server.inject(
        Fault::status(StatusCode::UNAUTHORIZED)
            .times(1)
            .on("/audit"),
    );
}

on_each_adapter! {
    async fn a_whole_body_is_sent_again_byte_for_byte(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.client.get(&rig.audit()).await.unwrap();
        refuse_once(&rig);
        rig.server.clear_requests();
        let request = Request::post(rig.audit())
            .header("content-type", "application/json")
            .header("x-trace", "1")
            .body(TestBody::whole(r#"{"a": 1}"#)).unwrap();

        let answer = rig.client.send(request).await.unwrap();

        assert_eq!(answer.outcome.unwrap().attempts(), 2);
        let sent = rig.server.requests_to("/audit");
        let [first, second] = &sent[..] else { panic!("{sent:?}") };
        assert_eq!((&first.method, &first.body), (&second.method, &second.body));
        assert_eq!(&second.body[..], br#"{"a": 1}"#);
        for name in ["content-type", "x-trace", "content-length", "transfer-encoding", "host"] {
            assert_eq!(first.header_values(name), second.header_values(name), "{name}");
        }
        assert_ne!(first.header("authorization"), second.header("authorization"));
    }

    async fn a_stream_is_not_sent_again_and_the_refusal_reaches_the_caller(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.client.get(&rig.audit()).await.unwrap();
        refuse_once(&rig);

        let answer = rig.client.post(&rig.audit(), TestBody::stream("abc")).await.unwrap();

        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.outcome.unwrap().not_replayed(), Some(NotReplayed::BodyNotReplayable));
        assert!(String::from_utf8_lossy(&answer.body).contains("Unauthorized"));
        assert_eq!(rig.server.tokens_issued(), 1);
        // The next request finds the token gone and obtains a new one first.
        assert_eq!(rig.client.get(&rig.audit()).await.unwrap().outcome, None);
        assert_eq!(rig.server.tokens_issued(), 2);
    }

    async fn a_request_that_waits_for_100_continue_is_not_sent_again(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.client.get(&rig.audit()).await.unwrap();
        refuse_once(&rig);
        let request = Request::post(rig.audit())
            .header("expect", "100-continue")
            .body(TestBody::whole("abc")).unwrap();

        let answer = rig.client.send(request).await.unwrap();

        assert_eq!(answer.outcome.unwrap().not_replayed(), Some(NotReplayed::BodyNotReplayable));
    }

    async fn a_handshake_for_an_upgrade_is_sent_again_with_its_fields(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.client.get(&rig.audit()).await.unwrap();
        rig.server.expire_tokens();
        rig.server.clear_requests();
        let request = Request::get(rig.audit())
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .body(TestBody::default()).unwrap();

        assert_eq!(rig.client.send(request).await.unwrap().status, StatusCode::OK);

        let sent = rig.server.requests_to("/audit");
        assert_eq!(sent.len(), 2);
        assert!(sent.iter().all(|request| request.header("upgrade") == Some("websocket")));
    }

    async fn the_body_is_dropped_if_no_token_is_available(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.revoke_api_key(rig.server.api_key());
        let alive = Arc::new(());

        let body = TestBody::stream("abc").holding(&alive);
        let error = auth_error(rig.client.post(&rig.audit(), body).await);

        assert!(matches!(error, AuthError::TokenRequest { .. }));
        assert_eq!(Arc::strong_count(&alive), 1);
        assert_eq!(rig.api_requests(), 0);
    }

    async fn by_choice_only_safe_methods_are_sent_again(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        let keyring = Keyring::builder()
            .bind(rig.server.url(), rig.bearer.clone()).unwrap()
            .replay_safe_methods_only()
            .build();
        let client = adapter.client(&keyring);
        client.get(&rig.audit()).await.unwrap();
        refuse_once(&rig);

        let answer = client.post(&rig.audit(), TestBody::whole("abc")).await.unwrap();

        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.outcome.unwrap().not_replayed(), Some(NotReplayed::UnsafeMethod));
        let next = client.get(&rig.audit()).await.unwrap();
        assert_eq!((next.outcome, rig.server.tokens_issued()), (None, 2));
        rig.server.expire_tokens();
        let safe = client.get(&rig.audit()).await.unwrap();
        assert_eq!(safe.outcome.unwrap().attempts(), 2);
    }
}

#[tokio::test]
async fn a_replay_goes_over_the_connection_of_the_refusal() {
    let rig = ImmutaRig::start(crate::adapter::Adapter::Tower).await;
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    let connector = tower::service_fn(move |uri: http::Uri| {
        counted.fetch_add(1, Ordering::SeqCst);
        HttpConnector::new().call(uri)
    });
    let hyper = HyperClient::builder(TokioExecutor::new()).build::<_, TestBody>(connector);
    let service = AuthLayer::new(rig.keyring.clone()).layer(hyper);
    let get = || async {
        let request = Request::get(rig.audit()).body(TestBody::default()).unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        crate::adapter::collect(response).await.unwrap()
    };

    get().await;
    rig.server.expire_tokens();
    let outcome = *get()
        .await
        .extensions()
        .get::<multi_auth::Outcome>()
        .unwrap();

    assert_eq!(
        (outcome.attempts(), connections.load(Ordering::SeqCst)),
        (2, 1)
    );
}
