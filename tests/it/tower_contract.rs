//! The layer keeps tower's contract: a service is called only when it said that it is ready.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use multi_auth::{
    ApiKey, AuthError, Authenticator, Bearer, Credential, Keyring, Placement, RequestHead, Token,
    source_fn,
};
use multi_auth_tower::{AuthLayer, NeverReplay, ReplayClone};
use tower::{Layer, Service, ServiceExt};
use tower_test::mock;

type Body = Full<Bytes>;

fn request() -> Request<Body> {
    Request::get("https://a.example/")
        .body(Body::default())
        .unwrap()
}

fn fixed() -> Keyring {
    let key = ApiKey::header("x-api-key", "k-1").unwrap();
    Keyring::builder()
        .bind("https://a.example", key)
        .unwrap()
        .build()
}

fn tokens() -> Keyring {
    let number = std::sync::atomic::AtomicUsize::new(1);
    let bearer = Bearer::new(source_fn(move || {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move { Ok(Token::new(format!("t-{number}"))) }
    }));
    Keyring::builder()
        .bind("https://a.example", bearer)
        .unwrap()
        .build()
}

fn answer(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::default());
    *response.status_mut() = status;
    response
}

#[tokio::test]
async fn the_layer_is_ready_when_the_service_below_is() {
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(AuthLayer::new(fixed()));
    handle.allow(0);
    assert!(service.poll_ready().is_pending());
    handle.allow(1);
    assert!(matches!(service.poll_ready(), Poll::Ready(Ok(()))));

    let response = tokio::spawn(service.call(request()));
    let (sent, respond) = handle.next_request().await.unwrap();
    assert_eq!(sent.headers()["x-api-key"], "k-1");
    assert!(sent.headers()["x-api-key"].is_sensitive());
    respond.send_response(answer(StatusCode::OK));
    assert_eq!(response.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn an_error_of_the_service_below_comes_up_as_it_is() {
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(AuthLayer::new(fixed()));
    handle.send_error(std::io::Error::other("broken"));
    let Poll::Ready(Err(error)) = service.poll_ready() else {
        panic!("ready")
    };
    assert_eq!(error.to_string(), "broken");
    assert!(AuthError::find(&*error).is_none());
}

#[tokio::test]
async fn the_ready_service_waits_for_the_token_and_is_the_one_that_is_called() {
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(AuthLayer::new(tokens()));
    // Readiness for one call only: a clone that were called instead would have none.
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let response = tokio::spawn(service.call(request()));
    let (sent, respond) = handle.next_request().await.unwrap();
    assert_eq!(sent.headers()["authorization"], "Bearer t-1");
    respond.send_response(answer(StatusCode::OK));
    response.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_replay_waits_until_the_service_is_ready_again() {
    let layer = AuthLayer::new(tokens()).with_replay(ReplayClone);
    let (mut service, mut handle) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer);
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let mut response = tokio_test::task::spawn(service.call(request()));
    assert!(response.poll().is_pending());
    tokio::task::yield_now().await;
    assert!(response.poll().is_pending());

    let (_, respond) = handle.next_request().await.unwrap();
    respond.send_response(answer(StatusCode::UNAUTHORIZED));
    // The token request has run, and yet nothing may be sent.
    for _ in 0..3 {
        assert!(response.poll().is_pending());
        tokio::task::yield_now().await;
    }
    assert!(
        tokio_test::task::spawn(handle.next_request())
            .poll()
            .is_pending()
    );

    handle.allow(1);
    let response = tokio::spawn(response);
    let (sent, respond) = handle.next_request().await.unwrap();
    assert_eq!(sent.headers()["authorization"], "Bearer t-2");
    respond.send_response(answer(StatusCode::OK));
    assert_eq!(response.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_replay_follows_at_once() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test measures the paused clock"
    )]
    let begun = tokio::time::Instant::now();
    let layer = AuthLayer::new(tokens()).with_replay(ReplayClone);
    let (mut service, mut handle) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer);
    handle.allow(2);
    assert!(service.poll_ready().is_ready());
    let response = tokio::spawn(service.call(request()));
    for status in [StatusCode::UNAUTHORIZED, StatusCode::OK] {
        let (_, respond) = handle.next_request().await.unwrap();
        respond.send_response(answer(status));
    }
    response.await.unwrap().unwrap();
    // The paused clock moves only if somebody sleeps.
    assert_eq!(begun.elapsed(), std::time::Duration::ZERO);
}

/// Neither `Clone` nor `Default`.
struct Opaque;

impl http_body::Body for Opaque {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        Poll::Ready(None)
    }
}

#[tokio::test]
async fn any_body_and_any_response_pass_the_layer() {
    struct NoBody;
    let layer = AuthLayer::new(fixed()).with_replay(NeverReplay);
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Opaque>, Response<NoBody>, _>(layer);
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let request = Request::get("https://a.example/").body(Opaque).unwrap();
    let response = tokio::spawn(service.call(request));
    let (_, respond) = handle.next_request().await.unwrap();
    respond.send_response(Response::new(NoBody));
    assert!(response.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_missing_credential_is_an_auth_error_and_the_service_is_not_called() {
    let keyring = Keyring::builder().refuse_unbound().build();
    let (mut service, mut handle) =
        mock::spawn_layer::<Request<Body>, Response<Body>, _>(AuthLayer::new(keyring));
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let error = service.call(request()).await.unwrap_err();
    assert!(matches!(
        AuthError::find(&*error),
        Some(AuthError::Unbound { .. })
    ));
    assert!(!AuthError::find(&*error).unwrap().is_transient());
    assert!(
        tokio_test::task::spawn(handle.next_request())
            .poll()
            .is_pending()
    );
}

#[tokio::test]
async fn a_request_in_origin_form_takes_the_layers_default_origin() {
    let layer = AuthLayer::new(fixed())
        .with_default_origin("https://a.example")
        .unwrap();
    let (mut service, mut handle) = mock::spawn_layer::<Request<Body>, Response<Body>, _>(layer);
    handle.allow(1);
    assert!(service.poll_ready().is_ready());
    let request = Request::get("/audit").body(Body::default()).unwrap();
    let response = tokio::spawn(service.call(request));
    let (sent, respond) = handle.next_request().await.unwrap();
    assert_eq!(sent.headers()["x-api-key"], "k-1");
    respond.send_response(answer(StatusCode::OK));
    response.await.unwrap().unwrap();
}

/// reqwest's client is a service for its own request type; two conversions make it one for
/// `http::Request`, as the crate's page shows.
#[tokio::test]
async fn reqwests_client_serves_as_the_service_below() {
    let rig = crate::rig::ImmutaRig::start(crate::adapter::Adapter::Reqwest).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let client = client.build().unwrap();
    let inner = tower::service_fn(move |request: Request<reqwest::Body>| {
        let client = client.clone();
        async move {
            client
                .execute(request.try_into()?)
                .await
                .map(Response::<reqwest::Body>::from)
        }
    });
    let copy = |body: &reqwest::Body| body.as_bytes().map(<[u8]>::to_vec).map(reqwest::Body::from);
    let service = AuthLayer::new(rig.keyring.clone())
        .with_replay(copy)
        .layer(inner);
    for expected in [None, Some(2)] {
        let request = Request::get(rig.audit())
            .body(reqwest::Body::default())
            .unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        let outcome = response.extensions().get::<multi_auth::Outcome>();
        assert_eq!(outcome.map(multi_auth::Outcome::attempts), expected);
        rig.server.expire_tokens();
    }
}

/// A service whose clones are counted, for a copy of the request holds one.
#[derive(Clone)]
struct Counted {
    _held: Arc<()>,
}

impl Service<Request<Body>> for Counted {
    type Response = Response<Body>;
    type Error = std::io::Error;
    type Future = Ready<Result<Response<Body>, std::io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), std::io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        ready(match request.uri().path() {
            "/broken" => Err(std::io::Error::other("broken")),
            _ => Ok(answer(StatusCode::OK)),
        })
    }
}

#[tokio::test]
async fn the_copy_of_a_request_goes_with_its_answer() {
    let count = Arc::new(());
    let keyring = tokens();
    let mut service = AuthLayer::new(keyring)
        .with_replay(ReplayClone)
        .layer(Counted {
            _held: Arc::clone(&count),
        });
    service
        .ready()
        .await
        .unwrap()
        .call(request())
        .await
        .unwrap();
    let before = Arc::strong_count(&count);
    for path in ["/", "/broken"] {
        let mut request = request();
        *request.uri_mut() = format!("https://a.example{path}").parse().unwrap();
        let mut future = std::pin::pin!(service.call(request));
        assert_eq!(Arc::strong_count(&count), before + 1, "{path}");
        assert_eq!(future.as_mut().await.is_err(), path == "/broken");
        assert_eq!(Arc::strong_count(&count), before, "{path}");
    }
}

#[derive(Debug)]
struct NothingToRefresh;

impl Authenticator for NothingToRefresh {
    fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(Ok(Credential::empty()))
    }

    fn placements(&self) -> Vec<Placement> {
        Vec::new()
    }
}

#[tokio::test]
async fn what_gets_nothing_is_not_copied() {
    let keyring = Keyring::builder()
        .bind("https://a.example", NothingToRefresh)
        .unwrap()
        .build();
    let never = |_: &Body| -> Option<Body> { panic!("copied") };
    let service = AuthLayer::new(keyring).with_replay(never).layer(Counted {
        _held: Arc::default(),
    });
    service.oneshot(request()).await.unwrap();
}

/// Fails with a typed error for every request that needs a token.
fn failing() -> Keyring {
    let bearer = Bearer::new(source_fn(|| async {
        Err(AuthError::permanent("no token"))
    }));
    let expired = ApiKey::header("x-api-key", "k-1").unwrap();
    let expired = expired.with_expiry(std::time::SystemTime::UNIX_EPOCH);
    Keyring::builder()
        .refuse_unbound()
        .bind("https://a.example/token", bearer)
        .and_then(|keyring| keyring.bind("https://a.example/expired", expired))
        .and_then(|keyring| {
            let account = multi_auth::ProtectionSpace::new("https://accounts.example")?;
            let account = account.with_account(multi_auth::Account::new("north"));
            keyring.bind(account, ApiKey::header("x-api-key", "k-2")?)
        })
        .and_then(|keyring| {
            keyring.bind("https://full.example", ApiKey::header("x-api-key", "k-3")?)
        })
        .unwrap()
        .build()
}

/// A request to which no credential can be attached.
fn full(uri: &str) -> Request<Body> {
    let mut request = Request::get(uri).body(Body::default()).unwrap();
    let value = http::HeaderValue::from_static("v");
    for number in 0.. {
        let name: http::HeaderName = format!("x-{number}").parse().unwrap();
        if request
            .headers_mut()
            .try_append(name, value.clone())
            .is_err()
        {
            break;
        }
    }
    request
}

#[tokio::test]
async fn a_request_that_fails_before_it_is_sent_keeps_no_capacity_of_the_service_below() {
    let ok = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, std::convert::Infallible>(answer(StatusCode::OK))
    });
    let below = tower::ServiceBuilder::new()
        .concurrency_limit(1)
        .service(ok);
    let get = |uri: &str| Request::get(uri).body(Body::default()).unwrap();
    for request in [
        get("https://unbound.example/"),
        get("https://accounts.example/"),
        get("https://a.example/expired"),
        get("https://a.example/token"),
        full("https://full.example/"),
    ] {
        let uri = request.uri().clone();
        let mut first = AuthLayer::new(failing()).layer(below.clone());
        first.ready().await.unwrap();
        let failed = first.call(request).await;
        assert!(AuthError::find(&*failed.unwrap_err()).is_some(), "{uri}");

        // The first clone is alive still.
        let mut other = AuthLayer::new(Keyring::builder().build()).layer(below.clone());
        let mut ready = tokio_test::task::spawn(other.ready());
        assert!(ready.poll().is_ready(), "{uri}");
        drop((ready, first));
    }
}

/// A caller may drop the future before it is polled.
#[tokio::test]
async fn a_request_that_is_dropped_before_it_is_polled_keeps_no_capacity_either() {
    let ok = tower::service_fn(|_: Request<Body>| async {
        Ok::<_, std::convert::Infallible>(answer(StatusCode::OK))
    });
    let below = tower::ServiceBuilder::new()
        .concurrency_limit(1)
        .service(ok);
    for keyring in [fixed(), tokens(), failing()] {
        let mut first = AuthLayer::new(keyring).layer(below.clone());
        first.ready().await.unwrap();
        drop(first.call(request()));
        let mut other = below.clone();
        let mut ready = tokio_test::task::spawn(other.ready());
        assert!(ready.poll().is_ready());
        drop((ready, first));
    }
}
