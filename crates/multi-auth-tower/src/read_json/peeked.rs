//! A body whose beginning was read.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
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
    /// The data so far: many short frames become one, so that their number takes no memory.
    data: BytesMut,
    trailers: Option<HeaderMap>,
    error: Option<R::Error>,
    /// `None` if the body has ended.
    rest: Option<Pin<Box<R>>>,
}

/// How many frames without data are read in a row.
const EMPTY_FRAMES: usize = 64;

impl<R: Body> PeekedBody<R> {
    pub(super) fn unread(body: R) -> Self {
        let state = State::Unread { body };
        Self { state }
    }

    pub(super) fn reading(body: R) -> Self {
        let read = Read {
            data: BytesMut::new(),
            trailers: None,
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
        let mut empty = 0;
        while let Some(rest) = &mut self.rest {
            match ready!(rest.as_mut().poll_frame(cx)) {
                Some(Ok(frame)) => empty = if self.keep(frame) { 0 } else { empty + 1 },
                Some(Err(error)) => {
                    self.error = Some(error);
                    self.rest = None;
                    return Poll::Ready(None);
                }
                None => self.rest = None,
            }
            if self.data.len() > JsonBody::LIMIT || empty > EMPTY_FRAMES {
                return Poll::Ready(None);
            }
        }
        let is_whole = self.error.is_none();
        Poll::Ready(is_whole.then(|| self.data.clone().freeze()))
    }

    /// Returns whether `frame` has anything to keep.
    fn keep(&mut self, frame: Frame<Bytes>) -> bool {
        match frame.into_data() {
            Ok(data) => {
                self.data.extend_from_slice(&data);
                !data.is_empty()
            }
            Err(frame) => {
                self.trailers = frame.into_trailers().ok();
                self.trailers.is_some()
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
        if !read.data.is_empty() {
            let data = std::mem::take(&mut read.data).freeze();
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if let Some(trailers) = read.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
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
        let read = match &self.state {
            State::Unread { body } => return body.is_end_stream(),
            State::Read { read } => read,
        };
        let is_empty = read.data.is_empty() && read.trailers.is_none() && read.error.is_none();
        is_empty && read.rest.as_ref().is_none_or(Body::is_end_stream)
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
        let length = read.data.len() as u64;
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
    use std::collections::VecDeque;
    use std::future::poll_fn;

    use http_body_util::BodyExt;

    use super::*;

    /// One frame of a body: data, trailers (with this value) or an error.
    #[derive(Clone)]
    enum Part {
        Data(&'static [u8]),
        Trailers(&'static str),
        Cut,
    }
    use Part::{Cut, Data, Trailers};

    struct Parts(VecDeque<Part>);

    impl Body for Parts {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
            Poll::Ready(self.0.pop_front().map(|part| match part {
                Data(data) => Ok(Frame::data(Bytes::from_static(data))),
                Trailers(value) => {
                    let mut fields = HeaderMap::new();
                    fields.insert("x-end", value.parse().unwrap());
                    Ok(Frame::trailers(fields))
                }
                Cut => Err("cut"),
            }))
        }

        fn is_end_stream(&self) -> bool {
            self.0.is_empty()
        }
    }

    /// All data of a body, its last trailer and its error.
    type Whole = (Vec<u8>, Option<String>, Option<&'static str>);

    async fn whole(body: impl Body<Data = Bytes, Error = &'static str>) -> Whole {
        let mut body = Box::pin(body);
        let mut whole = Whole::default();
        while let Some(frame) = body.frame().await {
            match frame.map(Frame::into_data) {
                Ok(Ok(data)) => whole.0.extend_from_slice(&data),
                Ok(Err(frame)) => {
                    let fields = frame.into_trailers().unwrap();
                    whole.1 = Some(fields["x-end"].to_str().unwrap().to_owned());
                }
                Err(error) => whole.2 = Some(error),
            }
        }
        assert!(body.is_end_stream());
        whole
    }

    #[tokio::test]
    async fn a_peeked_body_yields_what_the_body_below_yields() {
        static LONG: [u8; JsonBody::LIMIT] = [b'x'; JsonBody::LIMIT];
        let many = |part: Part, count| vec![part; count];
        for (parts, read) in [
            (vec![], Some(0)),
            (vec![Data(b"{}")], Some(2)),
            (vec![Data(b"{"), Data(b"\"a\""), Data(b": 1}")], Some(8)),
            (vec![Data(b"{}"), Trailers("t")], Some(2)),
            (vec![Data(&LONG)], Some(LONG.len())),
            (
                vec![Data(&LONG), Data(b"x"), Data(b"y"), Trailers("t")],
                None,
            ),
            (vec![Cut], None),
            (vec![Data(b"{"), Cut], None),
            (vec![Data(&LONG), Data(b"x"), Cut], None),
            (many(Data(b"7"), LONG.len()), Some(LONG.len())),
            (many(Data(b""), 10), Some(0)),
            ([many(Data(b""), 100), vec![Data(b"{}")]].concat(), None),
        ] {
            let mut body = PeekedBody::reading(Parts(parts.clone().into()));
            let data = poll_fn(|cx| body.poll_read(cx)).await;
            assert_eq!(data.as_ref().map(Bytes::len), read, "{} parts", parts.len());
            let hint = body.size_hint();
            let expected = whole(Parts(parts.into())).await;
            if let Some(data) = data {
                assert!(data == expected.0);
                assert_eq!(hint.exact(), Some(data.len() as u64));
            }
            assert!(hint.lower() <= expected.0.len() as u64);
            assert!(whole(body).await == expected);
        }
    }
}
