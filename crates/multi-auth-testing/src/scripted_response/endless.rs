//! A body that never ends: it repeats a chunk as fast as the connection takes it, or at intervals.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Interval, MissedTickBehavior, interval};

/// A body that never ends. The server drops it when the client disconnects.
#[derive(Debug)]
pub(super) struct Endless {
    chunk: Bytes,
    pace: Option<Interval>,
}

impl Endless {
    /// An empty chunk would loop without sending a byte, so it becomes a space.
    pub(super) fn new(chunk: Bytes, every: Option<Duration>) -> Self {
        let chunk = if chunk.is_empty() {
            Bytes::from_static(b" ")
        } else {
            chunk
        };
        let pace = every.map(|every| {
            let mut pace = interval(every.max(Duration::from_millis(1)));
            pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
            pace
        });
        Self { chunk, pace }
    }
}

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(pace) = &mut self.pace {
            ready!(pace.poll_tick(cx));
        }
        Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))))
    }
}
