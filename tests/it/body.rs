//! A request body that is whole or a stream, for both adapters.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// The body of a request under test.
#[derive(Debug, Default)]
pub(crate) struct TestBody {
    left: Option<Bytes>,
    is_stream: bool,
    /// Shared with a test that wants to know when the body is gone.
    alive: Option<Arc<()>>,
}

impl TestBody {
    /// A body in memory, which can be sent again.
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self {
            left: Some(bytes.into()),
            ..Self::default()
        }
    }

    /// A body of unknown length that can be read only once.
    pub(crate) fn stream(bytes: impl Into<Bytes>) -> Self {
        Self {
            left: Some(bytes.into()),
            is_stream: true,
            alive: None,
        }
    }

    /// The same body holding on to `alive` for as long as it lives.
    pub(crate) fn holding(self, alive: &Arc<()>) -> Self {
        Self {
            alive: Some(Arc::clone(alive)),
            ..self
        }
    }

    /// A copy of the body, if it can be copied.
    pub(crate) fn copy(&self) -> Option<Self> {
        let copy = || Self {
            left: self.left.clone(),
            is_stream: false,
            alive: self.alive.clone(),
        };
        (!self.is_stream).then(copy)
    }

    /// The bytes, if they are in memory.
    pub(crate) fn bytes(&self) -> Option<Bytes> {
        (!self.is_stream).then(|| self.left.clone().unwrap_or_default())
    }
}

impl Body for TestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.left.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.left
            .as_ref()
            .is_none_or(|left| left.is_empty() && !self.is_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.left {
            Some(left) if !self.is_stream => SizeHint::with_exact(left.len() as u64),
            Some(_) => SizeHint::new(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl From<Bytes> for TestBody {
    fn from(bytes: Bytes) -> Self {
        Self::whole(bytes)
    }
}
