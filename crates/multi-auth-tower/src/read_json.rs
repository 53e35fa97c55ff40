//! Reads the JSON body of a response below the authentication, for a scheme that judges it.

mod peeked;
pub use peeked::PeekedBody;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::response::Parts;
use http::{Request, Response};
use http_body::Body;
use multi_auth::adapter::JsonBody;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

/// In a request's extensions: its scheme reads the body of the response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadsResponse;

/// The layer of a [`ReadJson`], a part of
/// [`AuthLayer::read_responses`](crate::AuthLayer::read_responses).
#[derive(Clone, Debug)]
pub struct ReadJsonLayer(());

impl ReadJsonLayer {
    pub(crate) fn new() -> Self {
        Self(())
    }
}

impl<S> Layer<S> for ReadJsonLayer {
    type Service = ReadJson<S>;

    fn layer(&self, inner: S) -> ReadJson<S> {
        ReadJson { inner }
    }
}

/// A service that reads the JSON bodies of responses for the [`AuthService`](crate::AuthService)
/// above it.
///
/// Made by [`AuthLayer::read_responses`](crate::AuthLayer::read_responses).
#[derive(Clone, Debug)]
pub struct ReadJson<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for ReadJson<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Body<Data = Bytes>,
{
    type Response = Response<PeekedBody<R>>;
    type Error = S::Error;
    type Future = ReadJsonFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let is_read = request.extensions_mut().remove::<ReadsResponse>().is_some();
        let future = self.inner.call(request);
        ReadJsonFuture {
            state: State::Sending { future, is_read },
        }
    }
}

pin_project! {
    /// The response future of a [`ReadJson`].
    pub struct ReadJsonFuture<F, R: Body> {
        #[pin]
        state: State<F, R>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, R: Body> {
        /// The request is under way.
        Sending { #[pin] future: F, is_read: bool },
        /// The body is being read.
        Reading { response: Option<(Parts, PeekedBody<R>)> },
    }
}

impl<F, R, E> Future for ReadJsonFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Body<Data = Bytes>,
{
    type Output = Result<Response<PeekedBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        if let StateProjection::Sending { future, is_read } = state.as_mut().project() {
            let (parts, body) = ready!(future.poll(cx))?.into_parts();
            if !*is_read || !JsonBody::is_due(&parts.headers) {
                let response = Response::from_parts(parts, PeekedBody::unread(body));
                return Poll::Ready(Ok(response));
            }
            let response = Some((parts, PeekedBody::reading(body)));
            state.set(State::Reading { response });
        }
        let StateProjection::Reading { response } = state.project() else {
            return Poll::Pending;
        };
        let json = match response {
            Some((_, body)) => ready!(body.poll_read(cx)),
            None => None,
        };
        match response.take() {
            Some((parts, body)) => {
                let mut response = Response::from_parts(parts, body);
                if let Some(json) = json {
                    response.extensions_mut().insert(JsonBody::new(json));
                }
                Poll::Ready(Ok(response))
            }
            // A future is not polled after it has ended.
            None => Poll::Pending,
        }
    }
}

impl<F, R: Body> fmt::Debug for ReadJsonFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadJsonFuture").finish_non_exhaustive()
    }
}
