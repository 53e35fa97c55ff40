//! The bodies of callers' requests.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::Usage;

/// The body of a caller's request. Until it has ended or is dropped, its rest may arrive.
#[derive(Debug)]
pub(crate) struct CallerBody {
    /// Dropped first: once the body no longer arrives here, hyper knows it too.
    body: Incoming,
    arrives: Option<Arrives>,
}

/// A body that may still arrive.
#[derive(Debug)]
struct Arrives(Usage);

impl CallerBody {
    pub(crate) fn new(body: Incoming, usage: Usage) -> Self {
        let arrives = (!body.is_end_stream()).then(|| Arrives::new(usage));
        Self { body, arrives }
    }
}

impl Arrives {
    fn new(usage: Usage) -> Self {
        usage.counts().bodies += 1;
        Self(usage)
    }
}

impl Drop for Arrives {
    fn drop(&mut self) {
        let mut counts = self.0.counts();
        counts.bodies -= 1;
        let resting = if counts.bodies == 0 {
            counts.resting.take()
        } else {
            None
        };
        drop(counts);
        if let Some(waker) = resting {
            waker.wake();
        }
    }
}

impl Body for CallerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Arrives(usage)) = &self.arrives {
            usage.note_arrived();
        }
        // hyper may keep a body with a length open after its last byte.
        if frame.is_none() || self.body.is_end_stream() {
            self.arrives = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
