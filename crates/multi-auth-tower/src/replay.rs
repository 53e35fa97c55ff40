//! How a request's body is sent a second time, and how a scheme that signs bodies reads it.

mod buffer;
mod problem;
mod read;
pub use buffer::{BufferBody, Buffering};
pub use problem::BufferProblem;

use bytes::Bytes;
use http_body::Body;

use self::read::read_clone;

/// Says how a body is sent a second time, and how a scheme that signs bodies reads it.
///
/// Only [`copy`](Self::copy) is required. A closure `Fn(&B) -> Option<B>` is a policy too: a scheme
/// reads the copy that it gives.
///
/// A scheme that signs bodies asks in this order:
///
/// 1. The body: an empty body, of which [`Body::is_end_stream`] is true, is signed as no bytes
///    under any policy.
/// 2. [`bytes`](Self::bytes), for a body in memory.
/// 3. [`buffer`](Self::buffer), for any other. A body that it gives back counts as a stream.
pub trait ReplayBody<B: Body> {
    /// A copy with the same bytes, made before the first attempt is sent. With `None` the request
    /// is not replayed: the caller gets the vendor's refusal.
    fn copy(&self, body: &B) -> Option<B>;

    /// The bytes of a body that is not empty; `None` if they are not in memory.
    fn bytes(&self, body: &B) -> Option<Bytes> {
        let _ = body;
        None
    }

    /// Reads a body whose bytes are not in memory, so that it can be signed. [`BufferBody`] does.
    ///
    /// # Errors
    ///
    /// The body, unread, if this policy reads none.
    fn buffer(&self, body: B) -> Result<Buffering<B>, B> {
        Err(body)
    }
}

/// Replays a request whose body is empty. A scheme that signs bodies reads no other body.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayEmpty;

impl<B: Body + Default> ReplayBody<B> for ReplayEmpty {
    fn copy(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }
}

/// Replays a clone of the body. A clone of `Full<Bytes>` shares the bytes. A scheme that signs
/// bodies reads a clone.
///
/// Not for a body whose clones share one stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayClone;

impl<B: Body + Clone> ReplayBody<B> for ReplayClone {
    fn copy(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }

    fn bytes(&self, body: &B) -> Option<Bytes> {
        read_clone(body.clone())
    }
}

/// Replays nothing. The next request gets the new token. A scheme that signs bodies reads no body
/// that is not empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverReplay;

impl<B: Body> ReplayBody<B> for NeverReplay {
    fn copy(&self, _: &B) -> Option<B> {
        None
    }
}

impl<B: Body, F: Fn(&B) -> Option<B>> ReplayBody<B> for F {
    fn copy(&self, body: &B) -> Option<B> {
        self(body)
    }

    fn bytes(&self, body: &B) -> Option<Bytes> {
        read_clone(self(body)?)
    }
}
