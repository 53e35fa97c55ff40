//! A request's time limit. It spans refreshes, redirects and replays.

use std::future::Future;
use std::time::{Duration, Instant};

use http::StatusCode;

use crate::{AuthError, Clock, SystemClock};

/// When a request began, and when its response is due if the caller set a limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deadline(Option<Span>);

#[derive(Clone, Copy, Debug)]
struct Span {
    began: Instant,
    until: Instant,
}

impl Deadline {
    /// The deadline of a request that begins now and has `limit` for all of its attempts.
    #[must_use]
    pub fn new(limit: Option<Duration>) -> Self {
        Self(limit.and_then(Span::new))
    }

    /// The time that remains for the next attempt; `None` if the caller set no limit.
    ///
    /// # Errors
    ///
    /// [`AuthError::TimedOut`] if no time remains. Such a request must not be sent: a client may hand it to a warm
    /// connection before it looks at the limit. `refused` is the status of the response that made a
    /// replay necessary.
    pub fn remaining(self, refused: Option<StatusCode>) -> Result<Option<Duration>, AuthError> {
        match self.0.map(|span| (span, span.left())) {
            Some((span, Duration::ZERO)) => Err(span.timed_out(refused)),
            left => Ok(left.map(|(_, left)| left)),
        }
    }

    /// The outcome of `work`.
    ///
    /// # Errors
    ///
    /// Those of `work`; [`AuthError::TimedOut`] if the deadline passes first.
    pub async fn within<T>(
        self,
        refused: Option<StatusCode>,
        work: impl Future<Output = Result<T, AuthError>>,
    ) -> Result<T, AuthError> {
        let Some(span) = self.0 else {
            return work.await;
        };
        let outcome = tokio::time::timeout(span.left(), work).await;
        outcome.unwrap_or_else(|_| Err(span.timed_out(refused)))
    }
}

impl Span {
    fn new(limit: Duration) -> Option<Self> {
        let began = SystemClock.monotonic();
        let until = began.checked_add(limit)?;
        Some(Self { began, until })
    }

    fn left(self) -> Duration {
        self.until
            .saturating_duration_since(SystemClock.monotonic())
    }

    fn timed_out(self, refused: Option<StatusCode>) -> AuthError {
        AuthError::timed_out(SystemClock.monotonic() - self.began, refused)
    }
}
