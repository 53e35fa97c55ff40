//! The bodies of requests to vendors.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use multi_auth_config::proxy::CallerToken;
use multi_auth_tower::{BoxError, BufferBody, Buffering, ReplayBody};

/// The longest body that is kept while it is sent, so that it can be sent again, in bytes.
const REPLAYABLE: u64 = 64 * 1024;

/// The longest body that is read before it is signed, in bytes.
const SIGNABLE: usize = 16 * 1024 * 1024;

/// The body of a request to a vendor.
pub(crate) enum RequestBody {
    /// Bytes in memory.
    Bytes(Bytes),
    /// The caller's body, which passes as it arrives.
    Stream(Incoming),
    /// As [`Stream`](Self::Stream), short enough to be kept.
    Kept(Kept),
}

impl RequestBody {
    /// Passes `body` on. It can be sent again if its length is known and short.
    pub(crate) fn of(body: Incoming) -> Self {
        if body.is_end_stream() {
            return Self::default();
        }
        match body.size_hint().exact() {
            Some(length) if length <= REPLAYABLE => Self::Kept(Kept::new(body, length)),
            _ => Self::Stream(body),
        }
    }
}

impl Default for RequestBody {
    fn default() -> Self {
        Self::Bytes(Bytes::new())
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").finish_non_exhaustive()
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(body) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| Ok(without_token(frame.map_err(|_| Ended)?))))
            }
            Self::Kept(kept) => kept.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Stream(body) => body.is_end_stream(),
            Self::Kept(kept) => kept.has_ended,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(body) => body.size_hint(),
            Self::Kept(kept) => SizeHint::with_exact(kept.remaining),
        }
    }
}

/// A body that keeps what has arrived. A copy sends that again, and then the rest.
///
/// Once a copy is polled, those before it fail: the connection of a refused attempt may still poll
/// its body, and would take the next chunk.
pub(crate) struct Kept {
    shared: Arc<Mutex<Arriving>>,
    /// The number of this copy.
    copy: usize,
    length: u64,
    /// How many of the chunks that arrived this copy has sent.
    sent: usize,
    remaining: u64,
    has_ended: bool,
}

struct Arriving {
    chunks: Vec<Bytes>,
    trailers: Option<HeaderMap>,
    rest: Incoming,
    has_failed: bool,
    /// The number of the newest copy that was polled.
    newest: usize,
}

/// A newer attempt sends the body, or the body did not arrive whole.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request ended early")]
pub(crate) struct Ended;

impl Kept {
    fn new(rest: Incoming, length: u64) -> Self {
        let arriving = Arriving {
            chunks: Vec::new(),
            trailers: None,
            rest,
            has_failed: false,
            newest: 0,
        };
        Self::at_start(Arc::new(Mutex::new(arriving)), 0, length)
    }

    fn at_start(shared: Arc<Mutex<Arriving>>, copy: usize, length: u64) -> Self {
        Self {
            shared,
            copy,
            length,
            sent: 0,
            remaining: length,
            has_ended: false,
        }
    }

    fn copy(&self) -> Self {
        Self::at_start(Arc::clone(&self.shared), self.copy + 1, self.length)
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if self.has_ended {
            return Poll::Ready(None);
        }
        shared.newest = shared.newest.max(self.copy);
        while self.sent == shared.chunks.len() {
            if shared.has_failed || shared.newest > self.copy {
                self.has_ended = true;
                return Poll::Ready(Some(Err(Ended.into())));
            }
            if let Some(trailers) = &shared.trailers {
                self.has_ended = true;
                return Poll::Ready(Some(Ok(Frame::trailers(trailers.clone()))));
            }
            match ready!(Pin::new(&mut shared.rest).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(chunk) => shared.chunks.push(chunk),
                    Err(frame) => shared.trailers = frame.into_trailers().map(cleaned).ok(),
                },
                Some(Err(_)) => shared.has_failed = true,
                None => {
                    self.has_ended = true;
                    return Poll::Ready(None);
                }
            }
        }
        let chunk = shared.chunks.get(self.sent).cloned().unwrap_or_default();
        self.sent += 1;
        self.remaining = self.remaining.saturating_sub(chunk.len() as u64);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}

/// A frame in whose trailers no token of a caller is.
fn without_token(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(trailers) => Frame::trailers(cleaned(trailers)),
        Err(frame) => frame,
    }
}

fn cleaned(trailers: HeaderMap) -> HeaderMap {
    let has_token = |value: &HeaderValue| CallerToken::find_in(value.as_bytes()).is_some();
    let mut trailers = trailers;
    let holding: Vec<_> = trailers
        .iter()
        .filter(|(_, value)| has_token(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in holding {
        trailers.remove(name);
    }
    trailers
}

/// Sends bodies again that are short, and reads bodies that are signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replay;

impl ReplayBody<RequestBody> for Replay {
    fn copy(&self, body: &RequestBody) -> Option<RequestBody> {
        match body {
            RequestBody::Bytes(bytes) => Some(RequestBody::Bytes(bytes.clone())),
            RequestBody::Stream(_) => None,
            RequestBody::Kept(kept) => Some(RequestBody::Kept(kept.copy())),
        }
    }

    fn bytes(&self, body: &RequestBody) -> Option<Bytes> {
        match body {
            RequestBody::Bytes(bytes) => Some(bytes.clone()),
            RequestBody::Stream(_) | RequestBody::Kept(_) => None,
        }
    }

    fn buffer(&self, body: RequestBody) -> Result<Buffering<RequestBody>, RequestBody> {
        BufferBody::up_to(SIGNABLE).buffer(body)
    }
}
