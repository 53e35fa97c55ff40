//! A request's own time limit, which spans its whole way: exchanges, redirects, a replay.

use std::future::Future;
use std::time::{Duration, Instant};

use multi_auth::{Clock, SystemClock};
use reqwest::Request;
use tokio::time::timeout;

/// Until when an answer must be there, if the caller said so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(Option<Instant>);

impl Limit {
    pub(crate) fn of(request: &Request) -> Self {
        let until = |limit: &Duration| SystemClock.monotonic().checked_add(*limit);
        Self(request.timeout().and_then(until))
    }

    /// Leaves `request` what is left of the limit. Where nothing is, reqwest sends nothing, and says that its
    /// time is over as it always does.
    pub(crate) fn pass_on(self, request: &mut Request) {
        if let Some(left) = self.left() {
            *request.timeout_mut() = Some(left);
        }
    }

    /// What `work` comes to; `None` if the limit is over before.
    pub(crate) async fn within<T>(self, work: impl Future<Output = T>) -> Option<T> {
        match self.left() {
            // Boxed: the room for it would cost every request 15 instructions.
            Some(left) => Box::pin(timeout(left, work)).await.ok(),
            None => Some(work.await),
        }
    }

    fn left(self) -> Option<Duration> {
        let until = self.0?;
        Some(until.saturating_duration_since(SystemClock.monotonic()))
    }
}
