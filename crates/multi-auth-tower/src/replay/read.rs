//! Reads a body that is in memory.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;

/// The bytes of `body`, a clone; `None` if it has to be waited for.
pub(super) fn read_clone<B: Body>(body: B) -> Option<Bytes> {
    let mut body = pin!(body);
    let mut cx = Context::from_waker(Waker::noop());
    let mut bytes = BytesMut::new();
    loop {
        let frame = match body.as_mut().poll_frame(&mut cx) {
            Poll::Ready(None) => return Some(bytes.freeze()),
            Poll::Ready(Some(frame)) => frame.ok()?,
            Poll::Pending => return None,
        };
        // Trailers are not signed.
        if let Ok(data) = frame.into_data() {
            add(&mut bytes, data);
        }
    }
}

fn add(bytes: &mut BytesMut, mut data: impl Buf) {
    while data.has_remaining() {
        let chunk = data.chunk();
        let length = chunk.len();
        bytes.extend_from_slice(chunk);
        data.advance(length);
    }
}
