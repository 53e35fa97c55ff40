//! Recorded requests.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version};
use http_body::Body;
use http_body_util::{BodyExt, Limited};

use crate::lock::lock;

type BoxError = Box<dyn Error + Send + Sync>;

/// A request as it arrived.
///
/// `Debug` prints its credentials, so that a failed assertion shows them. Use test keys only.
///
/// ```
/// use multi_auth_testing::ScriptedServer;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = ScriptedServer::start().await?;
/// let client = reqwest::Client::new();
/// client.post(format!("{}/orders?dry_run=1", server.url())).body("a").send().await?;
///
/// let request = &server.requests()[0];
/// assert_eq!((request.method.as_str(), &*request.path), ("POST", "/orders"));
/// assert_eq!(request.query.as_deref(), Some("dry_run=1"));
/// assert_eq!(request.text(), "a");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The method.
    pub method: Method,
    /// The host and port that the client asked for: `:authority` in HTTP/2, `Host` before.
    pub authority: Option<String>,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query without its `?`, still percent-encoded.
    pub query: Option<String>,
    /// The HTTP version of the request. HTTP/2 sends no `host` field.
    pub version: Version,
    /// Every header field, repeated ones in their order.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The certificate that the client showed in the TLS handshake, in DER.
    pub client_certificate: Option<Bytes>,
}

/// The certificate of the client, in DER: an extension of each request on its connection.
#[derive(Clone)]
pub(crate) struct ClientCertificate(pub(crate) Bytes);

impl RecordedRequest {
    /// The first value of the header field `name` that is UTF-8.
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

    /// The body as text. Invalid UTF-8 is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The approximate size in memory, in bytes.
    fn size(&self) -> usize {
        // The bytes that `HeaderMap` needs for a field besides its text.
        const FIELD: usize = 112;
        let fields = self.headers.iter();
        let fields = fields.map(|(name, value)| FIELD + name.as_str().len() + value.len());
        let query = self.query.as_ref().map_or(0, String::len);
        let authority = self.authority.as_ref().map_or(0, String::len);
        let texts = self.path.len() + query + authority + self.body.len();
        size_of::<Self>() + texts + fields.sum::<usize>()
    }

    /// Reads a request. Fails if its body exceeds `MAX_RECORDED_BYTES`.
    pub(crate) async fn read<B>(request: Request<B>) -> Result<Self, BoxError>
    where
        B: Body<Error: Into<BoxError>> + Send,
        B::Data: Send,
    {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_RECORDED_BYTES);
        let named = head.uri.authority().map(ToString::to_string);
        let certificate = head.extensions.get::<ClientCertificate>();
        let host = || Some(head.headers.get(HOST)?.to_str().ok()?.to_owned());
        Ok(Self {
            authority: named.or_else(host),
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            version: head.version,
            headers: copied(&head.headers),
            body: Bytes::copy_from_slice(&body.collect().await?.to_bytes()),
            client_certificate: certificate.map(|certificate| certificate.0.clone()),
        })
    }
}

/// The same fields in their own memory: otherwise each keeps the whole buffer that it was read
/// into.
fn copied(headers: &HeaderMap) -> HeaderMap {
    let mut copies = HeaderMap::with_capacity(headers.keys_len());
    for (name, value) in headers {
        #[expect(clippy::disallowed_methods, reason = "a simulator has no secrets")]
        let copy = (
            HeaderName::from_bytes(name.as_str().as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        );
        // A copy of a valid field is valid.
        if let (Ok(name), Ok(mut copy)) = copy {
            // HTTP/2 marks fields that must never be indexed.
            copy.set_sensitive(value.is_sensitive());
            copies.append(name, copy);
        }
    }
    copies
}

/// The largest number of requests that a server keeps.
pub const MAX_RECORDED: usize = 10_000;

/// The largest size of the requests that a server keeps, in bytes (32 MiB): targets, header
/// sections and bodies.
pub const MAX_RECORDED_BYTES: usize = 32 * 1024 * 1024;

/// The newest requests of one server, in order of arrival, and the number of all requests.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    requests: VecDeque<Arc<RecordedRequest>>,
    /// The sizes of `requests`, added up.
    bytes: usize,
    /// The number of all requests, including dropped ones.
    total: usize,
}

impl Log {
    pub(crate) fn push(&self, request: Arc<RecordedRequest>) {
        lock(&self.0).push(request);
    }

    pub(crate) fn select(&self, keep: impl Fn(&RecordedRequest) -> bool) -> Vec<RecordedRequest> {
        let requests = lock(&self.0).requests.clone();
        let kept = requests.iter().filter(|request| keep(request));
        kept.map(|request| RecordedRequest::clone(request))
            .collect()
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.0).total
    }

    pub(crate) fn clear(&self) {
        *lock(&self.0) = Kept::default();
    }
}

impl Kept {
    /// Keeps `request`, and drops the oldest ones until the limits hold. A request above the limit
    /// is dropped itself.
    fn push(&mut self, request: Arc<RecordedRequest>) {
        self.total += 1;
        self.bytes += request.size();
        self.requests.push_back(request);
        while self.requests.len() > MAX_RECORDED || self.bytes > MAX_RECORDED_BYTES {
            let Some(oldest) = self.requests.pop_front() else {
                return;
            };
            self.bytes -= oldest.size();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: usize, body: usize) -> Arc<RecordedRequest> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("127.0.0.1"));
        Arc::new(RecordedRequest {
            method: Method::GET,
            authority: Some("127.0.0.1".to_owned()),
            path: format!("/{number}"),
            query: None,
            version: Version::HTTP_11,
            headers,
            body: Bytes::from(vec![0; body]),
            client_certificate: None,
        })
    }

    fn numbers(log: &Log) -> Vec<usize> {
        let requests = log.select(|_| true);
        let numbers = requests.iter().map(|request| request.path[1..].parse());
        numbers.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn the_newest_of_100_000_requests_are_kept_and_all_are_counted() {
        let log = Log::default();
        (0..100_000).for_each(|number| log.push(request(number, 0)));
        assert_eq!(log.count(), 100_000);
        assert_eq!(numbers(&log), (90_000..100_000).collect::<Vec<_>>());
        assert!(lock(&log.0).requests.capacity() <= 2 * MAX_RECORDED);
        log.clear();
        assert_eq!((log.count(), numbers(&log).len()), (0, 0));
        assert_eq!(lock(&log.0).bytes, 0);
    }

    #[test]
    fn recorded_bodies_never_exceed_the_bound() {
        const MIB: usize = 1024 * 1024;
        let log = Log::default();
        for number in 0..100 {
            log.push(request(number, MIB));
            assert!(lock(&log.0).bytes <= MAX_RECORDED_BYTES);
        }
        assert_eq!(numbers(&log), (69..100).collect::<Vec<_>>());
        log.push(request(100, MAX_RECORDED_BYTES));
        assert_eq!(numbers(&log), [0; 0]);
        assert_eq!((log.count(), lock(&log.0).bytes), (101, 0));
        log.push(request(101, 0));
        assert_eq!(numbers(&log), [101]);
    }

    #[tokio::test]
    async fn a_body_above_the_size_limit_is_not_read() {
        let read = |length| {
            let body = http_body_util::Full::new(Bytes::from(vec![0; length]));
            RecordedRequest::read(Request::new(body))
        };
        assert!(read(MAX_RECORDED_BYTES).await.is_ok());
        assert!(read(MAX_RECORDED_BYTES + 1).await.is_err());
    }

    #[test]
    fn header_fields_count_towards_the_size() {
        let log = Log::default();
        let mut large = RecordedRequest::clone(&request(0, 0));
        for field in 0..100 {
            let name: HeaderName = format!("x-{field}").parse().unwrap();
            large
                .headers
                .insert(name, "a".repeat(1024).parse().unwrap());
        }
        assert!(large.size() > 100 * 1024);
        let large = Arc::new(large);
        (0..1000).for_each(|_| log.push(Arc::clone(&large)));
        assert!(log.select(|_| true).len() < 330);
    }
}
