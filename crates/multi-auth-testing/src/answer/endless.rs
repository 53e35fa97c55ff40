//! A body that never ends: the same chunk, as often as the connection takes it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame};

/// A body that never ends. The server drops it when the client goes away.
#[derive(Debug)]
pub(super) struct Endless {
    chunk: Bytes,
}

impl Endless {
    /// An empty chunk would be sent for ever without a byte going out, so it becomes a space.
    pub(super) fn new(chunk: Bytes) -> Self {
        let chunk = if chunk.is_empty() {
            Bytes::from_static(b" ")
        } else {
            chunk
        };
        Self { chunk }
    }
}

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))))
    }
}
