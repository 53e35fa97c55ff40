//! A body whose beginning was read.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use multi_auth::adapter::JsonBody;
use pin_project_lite::pin_project;

pin_project! {
    /// The body of a response, of which a [`ReadJson`](crate::ReadJson) may have read the
    /// beginning. It yields the frames of the body below, and its error.
    pub struct PeekedBody<R: Body> {
        #[pin]
        state: State<R>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<R: Body> {
        Unread { #[pin] body: R },
        Read { read: Read<R> },
    }
}

/// What was read of a body, and the rest.
struct Read<R: Body> {
    frames: VecDeque<Frame<Bytes>>,
    error: Option<R::Error>,
    /// `None` if the body has ended.
    rest: Option<Pin<Box<R>>>,
}

impl<R: Body> PeekedBody<R> {
    pub(super) fn unread(body: R) -> Self {
        let state = State::Unread { body };
        Self { state }
    }

    pub(super) fn reading(body: R) -> Self {
        let read = Read {
            frames: VecDeque::new(),
            error: None,
            rest: Some(Box::pin(body)),
        };
        Self {
            state: State::Read { read },
        }
    }
}

impl<R: Body<Data = Bytes>> PeekedBody<R> {
    /// Reads the body. Returns its data, or `None` if it is too long or fails.
    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        match &mut self.state {
            State::Unread { .. } => Poll::Ready(None),
            State::Read { read } => read.poll_read(cx),
        }
    }
}

impl<R: Body<Data = Bytes>> Read<R> {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        while let Some(rest) = &mut self.rest {
            match ready!(rest.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => self.frames.push_back(frame),
                Some(Err(error)) => {
                    self.error = Some(error);
                    self.rest = None;
                    return Poll::Ready(None);
                }
                None => self.rest = None,
            }
            if self.length() > JsonBody::LIMIT {
                return Poll::Ready(None);
            }
        }
        Poll::Ready(self.error.is_none().then(|| self.data()))
    }

    fn chunks(&self) -> impl Iterator<Item = &Bytes> {
        self.frames.iter().filter_map(Frame::data_ref)
    }

    fn length(&self) -> usize {
        self.chunks().map(Bytes::len).sum()
    }

    fn data(&self) -> Bytes {
        let mut chunks = self.chunks();
        match (chunks.next(), chunks.next()) {
            (None, _) => Bytes::new(),
            // Without a copy.
            (Some(only), None) => only.clone(),
            _ => {
                let mut data = BytesMut::with_capacity(self.length());
                self.chunks()
                    .for_each(|chunk| data.extend_from_slice(chunk));
                data.freeze()
            }
        }
    }
}

impl<R: Body<Data = Bytes>> Body for PeekedBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, R::Error>>> {
        let read = match self.project().state.project() {
            StateProjection::Unread { body } => return body.poll_frame(cx),
            StateProjection::Read { read } => read,
        };
        if let Some(frame) = read.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if let Some(error) = read.error.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match &mut read.rest {
            Some(rest) => rest.as_mut().poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Unread { body } => body.is_end_stream(),
            State::Read { read } => {
                let rest = read.rest.as_ref();
                read.frames.is_empty()
                    && read.error.is_none()
                    && rest.is_none_or(Body::is_end_stream)
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        let read = match &self.state {
            State::Unread { body } => return body.size_hint(),
            State::Read { read } => read,
        };
        let rest = match &read.rest {
            Some(rest) => rest.size_hint(),
            None => SizeHint::with_exact(0),
        };
        let length = read.length() as u64;
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(length));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(length));
        }
        hint
    }
}

/// Prints nothing of the body.
impl<R: Body> fmt::Debug for PeekedBody<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeekedBody").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use http_body_util::BodyExt;

    use super::*;

    /// A body of these frames.
    #[derive(Clone)]
    struct Frames(VecDeque<Result<&'static [u8], &'static str>>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
            let frame = self.0.pop_front();
            Poll::Ready(frame.map(|frame| frame.map(|data| Frame::data(Bytes::from_static(data)))))
        }

        fn is_end_stream(&self) -> bool {
            self.0.is_empty()
        }
    }

    /// What was read, and the frames that a body then yields.
    async fn peeked(frames: Frames) -> (Option<Bytes>, Vec<Result<Bytes, &'static str>>) {
        let mut body = PeekedBody::reading(frames);
        let read = poll_fn(|cx| body.poll_read(cx)).await;
        let mut body = Box::pin(body);
        let mut yielded = Vec::new();
        while let Some(frame) = body.frame().await {
            yielded.push(frame.map(|frame| frame.into_data().unwrap_or_default()));
        }
        assert!(body.is_end_stream());
        (read, yielded)
    }

    #[tokio::test]
    async fn a_peeked_body_yields_the_frames_and_the_error_of_the_body_below() {
        static LONG: [u8; JsonBody::LIMIT] = [b'x'; JsonBody::LIMIT];
        for (frames, read) in [
            (vec![], Some(0)),
            (vec![Ok(&b"{}"[..])], Some(2)),
            (vec![Ok(&b"{"[..]), Ok(b"}")], Some(2)),
            (vec![Ok(&LONG[..])], Some(LONG.len())),
            (vec![Ok(&LONG[..]), Ok(b"x"), Ok(b"y")], None),
            (vec![Err("cut")], None),
            (vec![Ok(&b"{"[..]), Err("cut")], None),
            (vec![Ok(&LONG[..]), Ok(b"x"), Err("cut")], None),
        ] {
            let (data, yielded) = peeked(Frames(frames.clone().into())).await;
            assert_eq!(data.map(|data| data.len()), read);
            let expected: Vec<_> = frames
                .iter()
                .map(|frame| frame.map(Bytes::from_static))
                .collect();
            assert!(yielded == expected, "{} frames", frames.len());
        }
    }
}
