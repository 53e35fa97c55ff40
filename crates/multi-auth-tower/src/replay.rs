//! How a request's body is had a second time.

use http_body::Body;

/// Says how a body is had a second time, for a request that is sent again after a refresh.
///
/// The copy must be the same, byte for byte. `None` means that there is none, and then the
/// vendor's refusal is delivered as it came. A closure `Fn(&B) -> Option<B>` is one too.
pub trait ReplayBody<B> {
    /// The body once more, taken before the first attempt is sent.
    fn copy(&self, body: &B) -> Option<B>;
}

/// Sends again what has no body, for any kind of body.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayEmpty;

impl<B: Body + Default> ReplayBody<B> for ReplayEmpty {
    fn copy(&self, body: &B) -> Option<B> {
        body.is_end_stream().then(B::default)
    }
}

/// Sends a clone of the body, as of `Full<Bytes>`, whose bytes are shared and not copied.
///
/// Not for a body whose clones share one stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayClone;

impl<B: Clone> ReplayBody<B> for ReplayClone {
    fn copy(&self, body: &B) -> Option<B> {
        Some(body.clone())
    }
}

/// Sends nothing again. The next request gets the new token.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverReplay;

impl<B> ReplayBody<B> for NeverReplay {
    fn copy(&self, _: &B) -> Option<B> {
        None
    }
}

impl<B, F: Fn(&B) -> Option<B>> ReplayBody<B> for F {
    fn copy(&self, body: &B) -> Option<B> {
        self(body)
    }
}
