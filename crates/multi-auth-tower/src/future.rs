//! The response future: forwards the inner one, and is boxed only where something is fetched.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::BoxError;
use crate::attempt::{Attempt, Step, leave_outcome};

type Boxed<R> = Pin<Box<dyn Future<Output = Result<R, BoxError>> + Send>>;

pin_project! {
    /// The response future of an [`AuthService`](crate::AuthService).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        state: State<S, B, S::Future, S::Response>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<S, B, F, R> {
        /// The credential was at hand and the request is under way.
        Sending { #[pin] future: F, attempt: Attempt<S, B> },
        /// Something has to be fetched.
        Fetching { future: Boxed<R> },
        Failed { error: Option<BoxError> },
    }
}

impl<S: Service<Request<B>>, B> ResponseFuture<S, B> {
    pub(crate) fn sending(future: S::Future, attempt: Attempt<S, B>) -> Self {
        Self {
            state: State::Sending { future, attempt },
        }
    }

    pub(crate) fn boxed(
        future: impl Future<Output = Result<S::Response, BoxError>> + Send + 'static,
    ) -> Self {
        Self {
            state: State::Fetching {
                future: Box::pin(future),
            },
        }
    }

    pub(crate) fn failed(error: BoxError) -> Self {
        Self {
            state: State::Failed { error: Some(error) },
        }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Send + 'static,
    R: Send + 'static,
{
    type Output = Result<Response<R>, BoxError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let fetch = match state.as_mut().project() {
                StateProjection::Sending { future, attempt } => {
                    let mut response = match ready!(future.poll(cx)) {
                        Ok(response) => response,
                        Err(error) => {
                            attempt.give_up();
                            return Poll::Ready(Err(error.into()));
                        }
                    };
                    match attempt.judge(&mut response) {
                        Step::Deliver(outcome) => {
                            leave_outcome(outcome, &mut response);
                            return Poll::Ready(Ok(response));
                        }
                        Step::Refresh(flow, spare) => Box::pin(spare.refresh(flow, response)),
                    }
                }
                StateProjection::Fetching { future } => return future.as_mut().poll(cx),
                StateProjection::Failed { error } => {
                    return match error.take() {
                        Some(error) => Poll::Ready(Err(error)),
                        None => Poll::Pending,
                    };
                }
            };
            // The inner future is dropped here, and with it whatever permit it held.
            state.set(State::Fetching { future: fetch });
        }
    }
}

impl<S: Service<Request<B>>, B> fmt::Debug for ResponseFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
