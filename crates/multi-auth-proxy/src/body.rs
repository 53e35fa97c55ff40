//! The bodies of requests to vendors.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use multi_auth_config::proxy::CallerToken;
use multi_auth_tower::BoxError;

use crate::hop::remove_if;
use crate::usage::CallerBody;

/// The longest body that is kept while it is sent, so that it can be sent again, in bytes.
const REPLAYABLE: u64 = 64 * 1024;

/// The body of a request to a vendor.
pub(crate) enum RequestBody {
    /// Bytes in memory.
    Bytes(Bytes),
    /// The caller's body, which passes as it arrives.
    Stream(CallerBody),
    /// As [`Stream`](Self::Stream), short enough to be kept.
    Kept(Kept),
}

impl RequestBody {
    /// Passes `body` on. It can be sent again if its length is known and short.
    pub(crate) fn of(body: CallerBody) -> Self {
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
            Self::Kept(kept) => kept.has_ended(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(body) => body.size_hint(),
            Self::Kept(kept) => SizeHint::with_exact(kept.remaining()),
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
    /// How many of the bytes that arrived this copy has sent.
    sent: usize,
    has_ended: bool,
}

struct Arriving {
    /// A copy of what has arrived: a chunk may be a few bytes of a large buffer of its connection.
    bytes: BytesMut,
    trailers: Option<HeaderMap>,
    rest: CallerBody,
    has_failed: bool,
    /// The number of the newest copy that was polled.
    newest: usize,
}

/// A newer attempt sends the body, or the body did not arrive whole.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request ended early")]
pub(crate) struct Ended;

impl Kept {
    fn new(rest: CallerBody, length: u64) -> Self {
        let arriving = Arriving {
            bytes: BytesMut::new(),
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
            has_ended: false,
        }
    }

    pub(crate) fn copy(&self) -> Self {
        Self::at_start(Arc::clone(&self.shared), self.copy + 1, self.length)
    }

    /// Whether all was sent. hyper may keep the caller's body open after its last byte, so this
    /// does not wait for its end.
    fn has_ended(&self) -> bool {
        let is_whole = || {
            let arriving = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
            arriving.trailers.is_none() && arriving.rest.is_end_stream()
        };
        self.has_ended || self.remaining() == 0 && is_whole()
    }

    fn remaining(&self) -> u64 {
        self.length.saturating_sub(self.sent as u64)
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let shared = Arc::clone(&self.shared);
        let mut arriving = shared.lock().unwrap_or_else(PoisonError::into_inner);
        arriving.newest = arriving.newest.max(self.copy);
        let kept = arriving.bytes.get(self.sent..).unwrap_or_default();
        if !kept.is_empty() {
            let kept = Bytes::copy_from_slice(kept);
            self.sent += kept.len();
            return Poll::Ready(Some(Ok(Frame::data(kept))));
        }
        if arriving.has_failed || arriving.newest > self.copy {
            self.has_ended = true;
            return Poll::Ready(Some(Err(Ended.into())));
        }
        let frame = match &arriving.trailers {
            Some(trailers) => Some(Frame::trailers(trailers.clone())),
            None => ready!(arriving.poll_next(cx))?,
        };
        match frame.as_ref().and_then(Frame::data_ref) {
            Some(chunk) => self.sent += chunk.len(),
            None => self.has_ended = true,
        }
        Poll::Ready(frame.map(Ok))
    }
}

impl Arriving {
    /// The next frame, of which a copy is kept.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Frame<Bytes>>, BoxError>> {
        Poll::Ready(match ready!(Pin::new(&mut self.rest).poll_frame(cx)) {
            None => Ok(None),
            Some(Err(_)) => {
                self.has_failed = true;
                Err(Ended.into())
            }
            Some(Ok(frame)) => {
                let frame = without_token(frame);
                match (frame.data_ref(), frame.trailers_ref()) {
                    (Some(chunk), _) => self.bytes.extend_from_slice(chunk),
                    (None, trailers) => self.trailers = trailers.cloned(),
                }
                Ok(Some(frame))
            }
        })
    }
}

/// A frame in whose trailers no token of a caller is.
fn without_token(frame: Frame<Bytes>) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(trailers) => Frame::trailers(cleaned(trailers)),
        Err(frame) => frame,
    }
}

fn cleaned(mut trailers: HeaderMap) -> HeaderMap {
    remove_if(&mut trailers, |value| CallerToken::find_in(value).is_some());
    trailers
}
