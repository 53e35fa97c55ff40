//! The time limit of a response, which begins again while the request is sent.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use multi_auth::{Clock, SystemClock};
use multi_auth_tower::BoxError;

use crate::body::RequestBody;

/// When a request last made progress.
#[derive(Clone, Debug)]
pub(crate) struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    pub(crate) fn start() -> Self {
        Self(Arc::new(Mutex::new(SystemClock.monotonic())))
    }

    pub(crate) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = SystemClock.monotonic();
    }

    /// Waits until there was no progress for `limit`.
    pub(crate) async fn stopped_for(&self, limit: Duration) {
        quiet_for(limit, || {
            let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            SystemClock.monotonic().saturating_duration_since(last)
        })
        .await;
    }
}

/// Waits until `quiet`, the time since something happened, is `limit`.
pub(crate) async fn quiet_for(limit: Duration, quiet: impl Fn() -> Duration) {
    loop {
        match limit.checked_sub(quiet()) {
            None | Some(Duration::ZERO) => return,
            Some(rest) => tokio::time::sleep(rest).await,
        }
    }
}

/// A body that notes each frame as progress.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub(crate) body: RequestBody,
    pub(crate) progress: Progress,
}

impl Body for Tracked {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        self.progress.note();
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
