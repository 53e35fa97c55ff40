//! How a request's body is sent a second time, and how a scheme that signs bodies reads it.

mod buffer;
mod problem;
mod read;
pub use buffer::{BufferBody, Buffering};
pub use problem::BufferProblem;

use bytes::Bytes;
use http_body::Body;

use self::read::read_clone;

/// Says how a body is sent a second time, for a request that is replayed, and how its bytes are read, for a scheme that
/// signs them.
///
/// The copy must have the same bytes. `None` means that there is no copy, and then the vendor's refusal is delivered as it
/// is. A closure `Fn(&B) -> Option<B>` is a policy too.
pub trait ReplayBody<B> {
    /// A copy of the body, made before the first attempt is sent.
    fn copy(&self, body: &B) -> Option<B>;

    /// The bytes of the body; `None` if they cannot be read without sending it. Asked only if the keyring's authenticator
    /// needs the body.
    fn bytes(&self, body: &B) -> Option<Bytes> {
        let _ = body;
        None
    }

    /// Reads a body whose bytes are not in memory, so that it can be signed; the body itself if this policy does not.
    ///
    /// # Errors
    ///
    /// The body, unread.
    fn buffer(&self, body: B) -> Result<Buffering<B>, B> {
        Err(body)
    }
}

/// Replays what has no body, for any kind of body.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayEmpty;

impl<B: Body + Default> ReplayBody<B> for ReplayEmpty {
    fn copy(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }

    fn bytes(&self, body: &B) -> Option<Bytes> {
        body.is_end_stream().then(Bytes::new)
    }
}

/// Sends a clone of the body, as of `Full<Bytes>`, whose bytes are shared and not copied.
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

/// Replays nothing. The next request gets the new token.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverReplay;

impl<B> ReplayBody<B> for NeverReplay {
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
