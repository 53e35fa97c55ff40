//! Callers that give up, stacks around the layer, retries.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, StatusCode};
use multi_auth::Keyring;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{AlphamoonSimulator, Fault, ImmutaSimulator};
use multi_auth_tower::AuthLayer;
use reqwest_middleware::{Middleware, Next};
use tower::limit::ConcurrencyLimitLayer;
use tower::{ServiceBuilder, ServiceExt};

use crate::adapter::{Adapter, collect, hyper};
use crate::body::TestBody;
use crate::rig::ImmutaRig;

const TOKEN_PATH: &str = "/bim/apikey";

on_each_adapter! {
    async fn a_cold_start_of_many_callers_makes_one_token_request(adapter: Adapter) {
        let rig = Arc::new(ImmutaRig::start(adapter).await);
        let calls: Vec<_> = (0..100).map(|_| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move { rig.client.get(&rig.audit()).await })
        }).collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status, StatusCode::OK);
        }
        assert_eq!((rig.server.tokens_issued(), rig.api_requests()), (1, 100));
    }

    async fn when_the_first_caller_gives_up_the_second_still_gets_the_token(adapter: Adapter) {
        let rig = Arc::new(ImmutaRig::start(adapter).await);
        let call = |rig: &Arc<ImmutaRig>| {
            let rig = Arc::clone(rig);
            tokio::spawn(async move { rig.client.get(&rig.audit()).await })
        };
        let hold = rig.server.hold(TOKEN_PATH);
        let first = call(&rig);
        hold.arrived(1).await;
        let second = call(&rig);
        first.abort();
        assert!(first.await.unwrap_err().is_cancelled());
        hold.release();

        assert_eq!(second.await.unwrap().unwrap().status, StatusCode::OK);
        assert_eq!(rig.server.requests_to("/bim/apikey/authenticate").len(), 1);
    }

    async fn when_the_second_caller_gives_up_the_first_goes_on(adapter: Adapter) {
        let rig = Arc::new(ImmutaRig::start(adapter).await);
        let call = |rig: &Arc<ImmutaRig>| {
            let rig = Arc::clone(rig);
            tokio::spawn(async move { rig.client.get(&rig.audit()).await })
        };
        let hold = rig.server.hold(TOKEN_PATH);
        let first = call(&rig);
        hold.arrived(1).await;
        let second = call(&rig);
        tokio::task::yield_now().await;
        second.abort();
        hold.release();
        assert_eq!(first.await.unwrap().unwrap().status, StatusCode::OK);
    }

    async fn after_all_callers_are_dropped_the_next_one_shares_the_same_token_request(adapter: Adapter) {
        let rig = Arc::new(ImmutaRig::start(adapter).await);
        let hold = rig.server.hold(TOKEN_PATH);
        for _ in 0..5 {
            let rig = Arc::clone(&rig);
            let caller = tokio::spawn(async move { rig.client.get(&rig.audit()).await });
            hold.arrived(1).await;
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }
        hold.release();
        assert_eq!(rig.client.get(&rig.audit()).await.unwrap().status, StatusCode::OK);
        assert_eq!(rig.server.tokens_issued(), 1);
    }

    async fn a_slow_token_request_of_one_vendor_does_not_delay_another(adapter: Adapter) {
        let (slow, quick) = (ImmutaRig::start(adapter).await, ImmutaRig::start(adapter).await);
        let keyring = Keyring::builder()
            .bind(slow.server.url(), slow.bearer.clone()).unwrap()
            .bind(quick.server.url(), quick.bearer.clone()).unwrap()
            .build();
        let client = adapter.client(&keyring);
        let hold = slow.server.hold(TOKEN_PATH);
        let waiting = tokio::spawn({
            let (client, url) = (client.clone(), slow.audit());
            async move { client.get(&url).await }
        });
        hold.arrived(1).await;
        assert_eq!(client.get(&quick.audit()).await.unwrap().status, StatusCode::OK);
        hold.release();
        assert_eq!(waiting.await.unwrap().unwrap().status, StatusCode::OK);
    }

    async fn two_clients_of_one_keyring_share_its_token(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        for _ in 0..2 {
            adapter.client(&rig.keyring).get(&rig.audit()).await.unwrap();
        }
        assert_eq!(rig.server.tokens_issued(), 1);
    }

    async fn after_a_failed_token_request_the_next_call_tries_again(adapter: Adapter) {
        let rig = ImmutaRig::impatient(adapter).await;
        rig.server.inject(Fault::hang_up().times(1).on(TOKEN_PATH));
        assert!(crate::adapter::auth_error(rig.client.get(&rig.audit()).await).is_transient());
        assert_eq!(rig.client.get(&rig.audit()).await.unwrap().status, StatusCode::OK);
    }

    async fn a_token_expired_on_arrival_is_an_error_and_is_never_sent(adapter: Adapter) {
        let rig = ImmutaRig::start(adapter).await;
        rig.server.announce_expiration(true);
        rig.server.set_token_lifetime(Some(Duration::ZERO));
        for _ in 0..3 {
            let error = crate::adapter::auth_error(rig.client.get(&rig.audit()).await);
            let shown = error.to_string();
            assert!(shown.contains("clock") && shown.contains("in seconds"), "{shown}");
        }
        assert_eq!(rig.server.tokens_issued(), 1);
        // The token request, and no request with its token.
        assert_eq!(rig.server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_refresh_behind_a_concurrency_limit_of_one_does_not_deadlock() {
    let rig = ImmutaRig::start(Adapter::Tower).await;
    let layer = AuthLayer::new(rig.keyring.clone()).with_replay(TestBody::copy);
    let service = ServiceBuilder::new()
        .buffer::<Request<TestBody>>(4)
        .layer(layer)
        .layer(ConcurrencyLimitLayer::new(1))
        .service(hyper());
    for expire in [false, true] {
        if expire {
            rig.server.expire_tokens();
        }
        let calls: Vec<_> = (0..10)
            .map(|_| {
                let request = Request::get(rig.audit()).body(TestBody::default()).unwrap();
                let service = service.clone();
                tokio::spawn(async move { collect(service.oneshot(request).await?).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status(), StatusCode::OK);
        }
    }
    assert_eq!(rig.server.tokens_issued(), 2);
}

/// Retries 401 and 503 up to three times.
struct Retrying;

#[async_trait]
impl Middleware for Retrying {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        for _ in 0..2 {
            let copy = request.try_clone().unwrap();
            let response = next.clone().run(copy, extensions).await?;
            if response.status() == StatusCode::OK {
                return Ok(response);
            }
        }
        next.run(request, extensions).await
    }
}

#[tokio::test]
async fn each_attempt_of_a_retry_around_the_layer_takes_the_current_token() {
    let rig = ImmutaRig::start(Adapter::Reqwest).await;
    rig.server.inject(
        Fault::status(StatusCode::SERVICE_UNAVAILABLE)
            .times(1)
            .on("/audit"),
    );
    let invalidating = rig.bearer.clone();
    let client = guarded_client(rig.keyring.clone())
        .with_outer(Retrying)
        .build()
        .unwrap();
    let hold = rig.server.hold("/audit");
    let call = tokio::spawn({
        let request = client.get(rig.audit());
        async move { request.send().await }
    });
    hold.arrived(1).await;
    invalidating.invalidate();
    hold.release();

    assert_eq!(call.await.unwrap().unwrap().status(), StatusCode::OK);
    let sent = rig.server.requests_to("/audit");
    assert_ne!(
        sent[0].header("authorization"),
        sent[1].header("authorization")
    );
}

#[test]
fn one_keyring_serves_several_runtimes_one_after_the_other() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let servers = tokio::runtime::Runtime::new().unwrap();
    let rig = servers.block_on(ImmutaRig::start(Adapter::Reqwest));
    for _ in 0..2 {
        // A client's connections belong to its runtime, but the token to none.
        let status = runtime().block_on(async {
            Adapter::Reqwest
                .client(&rig.keyring)
                .get(&rig.audit())
                .await
                .unwrap()
                .status
        });
        assert_eq!(status, StatusCode::OK);
    }
    assert_eq!(rig.server.tokens_issued(), 1);
}

#[tokio::test]
async fn dropping_everything_frees_the_source() {
    let alive = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&alive);
    let source = multi_auth::source_fn(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(multi_auth::Token::new("t-1")) }
    });
    let keyring = Keyring::builder()
        .bind("https://a.example", multi_auth::Bearer::new(source))
        .unwrap()
        .build();
    let (parts, ()) = Request::get("https://a.example/")
        .body(())
        .unwrap()
        .into_parts();
    keyring
        .authenticate(&multi_auth::RequestHead::from_parts(&parts))
        .await
        .unwrap();
    assert_eq!(
        (alive.load(Ordering::SeqCst), Arc::strong_count(&alive)),
        (1, 2)
    );
    drop(keyring);
    tokio::task::yield_now().await;
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test]
async fn https_works_with_the_root_of_the_vendor() {
    let immuta = ImmutaSimulator::builder().https().start().await.unwrap();
    let alphamoon = AlphamoonSimulator::builder().https().start().await.unwrap();
    let roots = || {
        let pem = |pem: Option<&str>| reqwest::Certificate::from_pem(pem.unwrap().as_bytes());
        [
            pem(immuta.certificate_pem()).unwrap(),
            pem(alphamoon.certificate_pem()).unwrap(),
        ]
    };
    let settings = || reqwest::Client::builder().tls_certs_merge(roots());
    let transport = multi_auth_reqwest::ReqwestTransport::with_client(settings()).unwrap();
    let (moon, data) = (
        multi_auth::Alphamoon::new(alphamoon.url()).unwrap(),
        multi_auth::Immuta::new(immuta.url()).unwrap(),
    );
    let keyring = Keyring::builder()
        .bind(
            moon.protection_space(),
            moon.organization_key(alphamoon.organization_key()).unwrap(),
        )
        .unwrap()
        .bind(
            data.protection_space(),
            data.bearer(immuta.api_key(), transport).unwrap(),
        )
        .unwrap()
        .build();
    let client = guarded_client(keyring)
        .with_client(settings())
        .build()
        .unwrap();
    for url in [
        format!("{}/api/v0.3/processes", alphamoon.url()),
        format!("{}/audit", immuta.url()),
        format!("{}/bim/rpc/user/current", immuta.url()),
    ] {
        assert!(url.starts_with("https://"));
        assert_eq!(
            client.get(&url).send().await.unwrap().status(),
            StatusCode::OK,
            "{url}"
        );
    }
}
