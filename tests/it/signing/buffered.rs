//! Bodies that are read into memory before they are signed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use multi_auth::{
    AllOf, ApiKey, AuthError, Authenticator, BodyNeed, BodyView, Credential, Keyring, Placement,
    RequestHead,
};
use multi_auth_tower::{
    AuthLayer, BoxError, BufferBody, BufferProblem, NeverReplay, ReplayBody, ReplayClone,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower::{Layer, Service, ServiceBuilder, ServiceExt};

use super::signature;

type Item = io::Result<Frame<Bytes>>;

/// A body whose frames arrive while it is read. It cannot be copied.
struct Arriving(UnboundedReceiver<Item>);

impl Arriving {
    fn open() -> (UnboundedSender<Item>, Self) {
        let (sender, receiver) = unbounded_channel();
        (sender, Self(receiver))
    }

    fn of(frames: impl IntoIterator<Item = Item>) -> Self {
        let (sender, body) = Self::open();
        frames.into_iter().for_each(|one| sender.send(one).unwrap());
        body
    }
}

impl Default for Arriving {
    fn default() -> Self {
        Self::of([])
    }
}

impl From<Bytes> for Arriving {
    fn from(bytes: Bytes) -> Self {
        Self::of([Ok(Frame::data(bytes))])
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Item>> {
        self.0.poll_recv(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_closed() && self.0.is_empty()
    }
}

fn data(text: &'static str) -> Frame<Bytes> {
    Frame::data(Bytes::from_static(text.as_bytes()))
}

fn request(body: Arriving) -> Request<Arriving> {
    Request::post("https://a.example/").body(body).unwrap()
}

fn keyring() -> Keyring {
    let keyring = Keyring::builder().bind("https://a.example", signature());
    keyring.unwrap().build()
}

/// A service for one request at a time. Its response repeats the body.
fn one_at_a_time()
-> impl Service<Request<Arriving>, Response = Response<Bytes>, Error = BoxError, Future: Send + 'static>
+ Clone
+ Send
+ 'static {
    let repeat = tower::service_fn(|request: Request<Arriving>| async {
        assert!(request.headers().contains_key("x-signature"));
        let body = request.into_body().collect().await?;
        Ok::<_, BoxError>(Response::new(body.to_bytes()))
    });
    ServiceBuilder::new().concurrency_limit(1).service(repeat)
}

async fn send(
    replay: impl ReplayBody<Arriving> + Clone + Send + 'static,
    body: Arriving,
) -> Result<Response<Bytes>, BoxError> {
    let layer = AuthLayer::new(keyring()).with_replay(replay);
    layer.layer(one_at_a_time()).oneshot(request(body)).await
}

fn auth_error(result: Result<Response<Bytes>, BoxError>) -> AuthError {
    let error = result.unwrap_err();
    AuthError::find(&*error).expect("an `AuthError`").clone()
}

fn problem(error: &AuthError) -> BufferProblem {
    let AuthError::Other { error, .. } = error else {
        panic!("{error:?}")
    };
    *error.downcast_ref().unwrap()
}

#[tokio::test]
async fn a_body_that_arrives_slowly_keeps_no_capacity_of_the_service_below() {
    let below = one_at_a_time();
    let layer = AuthLayer::new(keyring()).with_replay(BufferBody::up_to(6));
    let mut slow = layer.layer(below.clone());
    slow.ready().await.unwrap();
    let (frames, body) = Arriving::open();
    let mut response = tokio_test::task::spawn(slow.call(request(body)));
    frames.send(Ok(data("abc"))).unwrap();
    assert!(response.poll().is_pending());

    let mut other = below.clone();
    let mut ready = tokio_test::task::spawn(other.ready());
    assert!(ready.poll().is_ready());

    // The whole body waits until the service is ready.
    frames.send(Ok(data("def"))).unwrap();
    drop(frames);
    assert!(response.poll().is_pending());
    drop(ready);
    drop(other);
    assert!(response.is_woken());
    assert_eq!(response.await.unwrap().body(), "abcdef");
}

#[tokio::test]
async fn a_body_over_the_limit_is_an_auth_error_that_names_the_limit() {
    let body = Arriving::of([Ok(data("abc")), Ok(data("d"))]);
    let error = auth_error(send(BufferBody::up_to(3), body).await);
    assert!(matches!(
        problem(&error),
        BufferProblem::TooLong { limit: 3, .. }
    ));
    assert!(!error.is_transient());
    let text = error.to_string();
    assert!(text.contains("longer than 3 bytes"), "{text}");
    assert!(text.contains("raise the limit"), "{text}");
}

#[tokio::test]
async fn a_body_with_trailers_is_an_auth_error() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("1"));
    let body = Arriving::of([Ok(data("abc")), Ok(Frame::trailers(trailers))]);
    let error = auth_error(send(BufferBody::up_to(3), body).await);
    assert_eq!(problem(&error), BufferProblem::Trailers);
    let text = error.to_string();
    assert!(text.contains("send it without trailers"), "{text}");
}

#[tokio::test]
async fn an_error_of_the_body_stays_as_it_is() {
    let body = Arriving::of([Ok(data("abc")), Err(io::Error::other("disk"))]);
    let error = send(BufferBody::up_to(9), body).await.unwrap_err();
    assert!(AuthError::find(&*error).is_none());
    assert_eq!(
        error.downcast_ref::<io::Error>().unwrap().to_string(),
        "disk"
    );
}

/// A policy that does not read bodies.
#[derive(Clone)]
struct CopyNothing;

impl ReplayBody<Arriving> for CopyNothing {
    fn copy(&self, _: &Arriving) -> Option<Arriving> {
        None
    }
}

#[tokio::test]
async fn an_empty_body_is_signed_with_policies_that_read_none() {
    let never = send(NeverReplay, Arriving::default()).await;
    assert_eq!(never.unwrap().status(), StatusCode::OK);
    let own = send(CopyNothing, Arriving::default()).await;
    assert_eq!(own.unwrap().status(), StatusCode::OK);

    let stream = send(NeverReplay, Arriving::of([Ok(data("abc"))])).await;
    let error = auth_error(stream);
    assert!(matches!(error, AuthError::Attach { .. }), "{error:?}");
}

/// Sends `X-Body: empty`, `bytes` or `stream`, as the layer shows the body.
#[derive(Debug)]
struct NamesBody;

impl Authenticator for NamesBody {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let form = match request.body() {
            BodyView::Empty => "empty",
            BodyView::Bytes(_) => "bytes",
            _ => "stream",
        };
        let name = HeaderName::from_static("x-body");
        Some(Ok(Credential::header(name, HeaderValue::from_static(form))))
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::header("x-body").unwrap()]
    }

    fn needs_body(&self) -> BodyNeed {
        BodyNeed::Digest
    }
}

#[tokio::test]
async fn a_scheme_sees_whether_there_is_a_body() {
    let keyring = Keyring::builder().bind("https://a.example", NamesBody);
    let layer = AuthLayer::new(keyring.unwrap().build()).with_replay(ReplayClone);
    let repeat = tower::service_fn(|request: Request<Full<Bytes>>| async move {
        let named = request.headers()["x-body"].clone();
        Ok::<_, BoxError>(Response::new(named))
    });
    for (text, form) in [("", "empty"), ("abc", "bytes")] {
        let request = Request::get("https://a.example/")
            .body(text.into())
            .unwrap();
        let response = layer.layer(repeat).oneshot(request).await.unwrap();
        assert_eq!(response.body(), form);
    }
}

#[tokio::test]
async fn a_part_that_the_caller_replaced_does_not_hide_the_body_from_the_other_part() {
    let key = ApiKey::header("x-api-key", "k-1").unwrap();
    let keyring = Keyring::builder().bind("https://a.example", AllOf::new(key, NamesBody));
    let layer = AuthLayer::new(keyring.unwrap().build()).with_replay(ReplayClone);
    let repeat = tower::service_fn(|request: Request<Full<Bytes>>| async move {
        let named = request.headers()["x-body"].clone();
        Ok::<_, BoxError>(Response::new(named))
    });
    for (own, form) in [
        (None, "bytes"),
        (Some("x-api-key"), "bytes"),
        (Some("x-body"), "mine"),
    ] {
        let mut request = Request::get("https://a.example/");
        if let Some(name) = own {
            request = request.header(name, "mine");
        }
        let request = request.body("abc".into()).unwrap();
        let response = layer.layer(repeat).oneshot(request).await.unwrap();
        assert_eq!(response.body(), form, "{own:?}");
    }
}
