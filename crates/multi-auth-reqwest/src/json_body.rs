//! Reads the JSON body of a response, for a scheme that judges it.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};
use multi_auth::adapter::JsonBody;
use reqwest::{Body, Response};

use crate::redacted::with_url;

/// How many frames without data are read in a row.
const EMPTY_FRAMES: usize = 64;

/// `response` with its JSON body among the extensions, unless it is too long or cannot be read.
pub(crate) async fn read_json(response: Response) -> Response {
    let url = response.url().clone();
    let (mut parts, rest) = http::Response::<Body>::from(response).into_parts();
    let mut body = Peeked {
        start: BytesMut::new(),
        trailers: None,
        failed: None,
        rest: Some(rest),
    };
    if poll_fn(|cx| body.poll_read(cx)).await {
        let json = JsonBody::new(body.start.clone().freeze());
        parts.extensions.insert(json);
    }
    with_url(
        http::Response::from_parts(parts, Body::wrap(body)).into(),
        url,
    )
}

/// A body of which the start was read.
struct Peeked {
    start: BytesMut,
    trailers: Option<HeaderMap>,
    failed: Option<reqwest::Error>,
    /// `None` if the body has ended.
    rest: Option<Body>,
}

impl Peeked {
    /// Reads the body. Returns whether all of it was read.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let mut empty = 0;
        while let Some(rest) = &mut self.rest {
            match std::task::ready!(Pin::new(rest).poll_frame(cx)) {
                Some(Ok(frame)) => empty = if self.keep(frame) { 0 } else { empty + 1 },
                Some(Err(error)) => {
                    self.failed = Some(error);
                    self.rest = None;
                }
                None => self.rest = None,
            }
            if self.start.len() > JsonBody::LIMIT || empty > EMPTY_FRAMES {
                return Poll::Ready(false);
            }
        }
        Poll::Ready(self.failed.is_none())
    }

    /// Returns whether `frame` has anything to keep.
    fn keep(&mut self, frame: Frame<Bytes>) -> bool {
        match frame.into_data() {
            Ok(data) => {
                self.start.extend_from_slice(&data);
                !data.is_empty()
            }
            Err(frame) => {
                self.trailers = frame.into_trailers().ok();
                self.trailers.is_some()
            }
        }
    }
}

impl HttpBody for Peeked {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if !self.start.is_empty() {
            let start = std::mem::take(&mut self.start).freeze();
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        if let Some(trailers) = self.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        let is_empty = self.start.is_empty() && self.trailers.is_none() && self.failed.is_none();
        is_empty && self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let rest = match &self.rest {
            Some(rest) => rest.size_hint(),
            None => SizeHint::with_exact(0),
        };
        let length = self.start.len() as u64;
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower().saturating_add(length));
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(length));
        }
        hint
    }
}
