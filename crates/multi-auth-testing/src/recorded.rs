//! A request as it arrived: method, path, query, every header field, the whole body.

use std::borrow::Cow;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, Method, Request, Version};
use http_body::Body;
use http_body_util::BodyExt;

use crate::lock::lock;

/// A request as it arrived.
///
/// Its `Debug` prints the credentials that it carries, so that a failed assertion shows them: use
/// test keys only.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: Method,
    /// The host and port that the client asked for: `:authority` in HTTP/2, `Host` before.
    pub authority: Option<String>,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// What followed the `?`, still percent-encoded.
    pub query: Option<String>,
    /// The version of HTTP that the client chose. HTTP/2 sends no `host` field.
    pub version: Version,
    /// Every header field, repeated ones in their order.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The first value of the header field `name`, if it is UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_values(name).first().copied()
    }

    /// Every value of the header field `name` that is UTF-8, in their order.
    #[must_use]
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        let values = self.headers.get_all(name).into_iter();
        values
            .filter_map(|value| str::from_utf8(value.as_bytes()).ok())
            .collect()
    }

    /// The body as text, with what is not UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    pub(crate) async fn read<B>(request: Request<B>) -> Result<Self, B::Error>
    where
        B: Body + Send,
        B::Data: Send,
    {
        let (head, body) = request.into_parts();
        let named = head.uri.authority().map(ToString::to_string);
        let host = || Some(head.headers.get(HOST)?.to_str().ok()?.to_owned());
        Ok(Self {
            authority: named.or_else(host),
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            version: head.version,
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }
}

/// The requests of one server, in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Vec<Arc<RecordedRequest>>>);

impl Log {
    pub(crate) fn push(&self, request: Arc<RecordedRequest>) {
        lock(&self.0).push(request);
    }

    pub(crate) fn select(&self, keep: impl Fn(&RecordedRequest) -> bool) -> Vec<RecordedRequest> {
        let requests = lock(&self.0).clone();
        let kept = requests.iter().filter(|request| keep(request));
        kept.map(|request| RecordedRequest::clone(request))
            .collect()
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.0).len()
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}
