//! A request's own time limit. It spans refreshes, redirects and a replay.

use std::future::Future;
use std::time::{Duration, Instant};

use http::StatusCode;
use multi_auth::{AuthError, Clock, SystemClock};
use reqwest::Request;
use tokio::time::timeout;

/// When the request began and when its response must be there, if the caller set a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(Option<Span>);

#[derive(Clone, Copy, Debug)]
struct Span {
    began: Instant,
    until: Instant,
}

impl Limit {
    pub(crate) fn of(request: &Request) -> Self {
        let span = |limit: &Duration| {
            let began = SystemClock.monotonic();
            let until = began.checked_add(*limit)?;
            Some(Span { began, until })
        };
        Self(request.timeout().and_then(span))
    }

    /// Sets the request timeout to the time remaining.
    ///
    /// Fails if none remains: on a warm connection reqwest sends a request even with a timeout of zero. `refused` is the
    /// status of the response that made a replay necessary.
    pub(crate) fn pass_on(
        self,
        request: &mut Request,
        refused: Option<StatusCode>,
    ) -> Result<(), AuthError> {
        let Some(span) = self.0 else {
            return Ok(());
        };
        match span.left() {
            Duration::ZERO => Err(span.timed_out(refused)),
            left => {
                *request.timeout_mut() = Some(left);
                Ok(())
            }
        }
    }

    /// The outcome of `work`, or an error if the limit passes first.
    pub(crate) async fn within<T>(
        self,
        refused: Option<StatusCode>,
        work: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        let Some(span) = self.0 else {
            return work.await;
        };
        // Boxed: without the box, every request costs 15 instructions more.
        let outcome = Box::pin(timeout(span.left(), work)).await;
        outcome.unwrap_or_else(|_| Err(span.timed_out(refused)))
    }
}

impl Span {
    fn left(self) -> Duration {
        self.until
            .saturating_duration_since(SystemClock.monotonic())
    }

    fn timed_out(self, refused: Option<StatusCode>) -> AuthError {
        AuthError::timed_out(SystemClock.monotonic() - self.began, refused)
    }
}
