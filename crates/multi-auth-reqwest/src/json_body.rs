//! Reads the JSON body of a response, for a scheme that judges it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body as HttpBody, Frame};
use multi_auth::adapter::JsonBody;
use reqwest::{Body, Response};

use crate::redacted::with_url;

/// `response` with its JSON body among the extensions, unless it is too long or cannot be read.
pub(crate) async fn read_json(mut response: Response) -> Response {
    let mut data = BytesMut::new();
    let failed = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => data.extend_from_slice(&chunk),
            Ok(None) => {
                let data = data.freeze();
                let mut response = with_body(response, |_| data.clone().into());
                response.extensions_mut().insert(JsonBody::new(data));
                return response;
            }
            Err(error) => break Some(error),
        }
        if data.len() > JsonBody::LIMIT {
            break None;
        }
    };
    let start = Some(data.freeze()).filter(|start| !start.is_empty());
    with_body(response, |rest| {
        Body::wrap(Peeked {
            start,
            failed,
            rest,
        })
    })
}

/// The same response with another body.
fn with_body(response: Response, body: impl FnOnce(Body) -> Body) -> Response {
    let url = response.url().clone();
    let response = http::Response::<Body>::from(response).map(body);
    with_url(response.into(), url)
}

/// A body of which the start was read.
struct Peeked {
    start: Option<Bytes>,
    failed: Option<reqwest::Error>,
    rest: Body,
}

impl HttpBody for Peeked {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        if let Some(start) = self.start.take() {
            return Poll::Ready(Some(Ok(Frame::data(start))));
        }
        if let Some(error) = self.failed.take() {
            return Poll::Ready(Some(Err(error)));
        }
        Pin::new(&mut self.rest).poll_frame(cx)
    }
}
