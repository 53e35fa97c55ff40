//! The response future: polls the future of the service below, and boxes only a request that waits
//! for its credential.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;
use multi_auth::ResponseHead;
use multi_auth::adapter::{self, JsonBody, Next, RequestAuth};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::below::Spare;
use crate::sent::Sent;
use crate::{BoxError, ReplayBody};

type Boxed<R> = Pin<Box<dyn Future<Output = Result<R, BoxError>> + Send>>;

pin_project! {
    /// The response future of an [`AuthService`](crate::AuthService).
    ///
    /// `S` is the service below, `B` the body of the request, and `P` the [`ReplayBody`] that makes
    /// its copy. To name the type of an `AuthService<S, P>`, write `ResponseFuture<S, B, P>`.
    ///
    /// It allocates only to wait: for a credential, for a body to sign, or for a replay. The future
    /// of the service below is dropped before a replay, with any permit that it holds.
    pub struct ResponseFuture<S, B, P>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S::Future, S::Response, Spare<S, B, P>>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F, R, C> {
        /// The credential was ready and the request is under way.
        Sending { #[pin] future: F, auth: RequestAuth<C>, sent: Sent },
        /// A credential or a body is awaited.
        Waiting { future: Boxed<R> },
        Failed { error: Option<BoxError> },
    }
}

impl<S: Service<Request<B>>, B, P> ResponseFuture<S, B, P> {
    pub(crate) fn sending(
        future: S::Future,
        auth: RequestAuth<Spare<S, B, P>>,
        sent: Sent,
    ) -> Self {
        let state = State::Sending { future, auth, sent };
        Self { state }
    }

    pub(crate) fn boxed(
        future: impl Future<Output = Result<S::Response, BoxError>> + Send + 'static,
    ) -> Self {
        let future = Box::pin(future);
        let state = State::Waiting { future };
        Self { state }
    }

    pub(crate) fn failed(error: BoxError) -> Self {
        let state = State::Failed { error: Some(error) };
        Self { state }
    }
}

impl<S, B, P, R> Future for ResponseFuture<S, B, P>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
        + Send
        + 'static,
    P: ReplayBody<B> + Send + 'static,
    B: Body + Send + 'static,
    R: Send + 'static,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.as_mut().project().state;
        let (auth, sent, mut polled) = match state.as_mut().project() {
            StateProjection::Sending { future, auth, sent } => {
                (auth, sent, future.poll(cx).map_err(Into::into))
            }
            StateProjection::Waiting { future } => return future.as_mut().poll(cx),
            StateProjection::Failed { error } => {
                return error
                    .take()
                    .map_or(Poll::Pending, |error| Poll::Ready(Err(error)));
            }
        };
        // The response stays where it is returned from.
        let Poll::Ready(answered) = &mut polled else {
            return polled;
        };
        // The copy goes with this response, however long the future is kept.
        let auth = std::mem::take(auth);
        let Ok(response) = answered else {
            return polled;
        };
        match judge(auth, sent, response) {
            Next::Deliver(outcome) => {
                adapter::record(outcome, response.extensions_mut());
                polled
            }
            Next::Refresh(refreshing, spare) => {
                let (request, mut below) = spare.into_parts();
                let Poll::Ready(Ok(response)) = polled else {
                    return polled;
                };
                let future: Boxed<Response<R>> = Box::pin(async move {
                    adapter::replay(&mut below, refreshing, request, response).await
                });
                // The inner future is dropped here, with any permit that it holds.
                state.set(State::Waiting { future });
                self.poll(cx)
            }
        }
    }
}

#[inline]
fn judge<C, R>(auth: RequestAuth<C>, sent: &Sent, response: &mut Response<R>) -> Next<C> {
    auth.redact(response.headers_mut());
    if auth.reads_response() {
        return judge_with_json(auth, sent, response);
    }
    if sent.is_foreign(&auth, response) {
        return Next::Deliver(auth.on_foreign_response(response.status()));
    }
    auth.on_response(&ResponseHead::new(response.status(), response.headers()))
}

#[cold]
fn judge_with_json<C, R>(auth: RequestAuth<C>, sent: &Sent, response: &mut Response<R>) -> Next<C> {
    let json = response.extensions_mut().remove::<JsonBody>();
    if sent.is_foreign(&auth, response) {
        return Next::Deliver(auth.on_foreign_response(response.status()));
    }
    let head = ResponseHead::new(response.status(), response.headers());
    auth.on_response(&head.with_json(json.as_ref()))
}

impl<S: Service<Request<B>>, B, P> fmt::Debug for ResponseFuture<S, B, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
