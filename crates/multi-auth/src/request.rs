//! Borrowed views of a request that is about to leave and of the answer to it.

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use url::Url;

use crate::{Account, Challenge, challenge};

/// What is known of a request's body without consuming it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum BodyView<'a> {
    /// There is none.
    Empty,
    /// It is at hand, whole.
    Bytes(&'a [u8]),
    /// It can be read only by sending it.
    Stream,
}

/// A borrowed view of a request, the same for every HTTP client.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    method: &'a Method,
    scheme: &'a str,
    host: &'a str,
    port: u16,
    path: &'a str,
    query: Option<&'a str>,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    account: Option<&'a Account>,
    body: BodyView<'a>,
}

impl<'a> RequestHead<'a> {
    /// The view of an [`http::Request`]'s head. Its body counts as a stream.
    #[must_use]
    pub fn from_parts(parts: &'a Parts) -> Self {
        Self::from_uri(&parts.method, &parts.uri, &parts.headers, &parts.extensions)
    }

    /// The view of a request whose target is a [`Uri`]. Its body counts as a stream.
    #[must_use]
    pub fn from_uri(
        method: &'a Method,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        let scheme = uri.scheme_str().unwrap_or_default();
        Self {
            method,
            scheme,
            host: host(uri),
            port: uri.port_u16().unwrap_or_else(|| default_port(scheme)),
            path: uri.path(),
            query: uri.query(),
            headers,
            extensions,
            account: extensions.get(),
            body: BodyView::Stream,
        }
    }

    /// The view of a request whose target is a [`Url`]. Its body counts as a stream.
    #[must_use]
    pub fn from_url(
        method: &'a Method,
        url: &'a Url,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        let scheme = url.scheme();
        Self {
            method,
            scheme,
            host: url.host_str().unwrap_or_default(),
            port: url.port().unwrap_or_else(|| default_port(scheme)),
            path: url.path(),
            query: url.query(),
            headers,
            extensions,
            account: extensions.get(),
            body: BodyView::Stream,
        }
    }

    /// The same view with what is known of the body.
    #[must_use]
    pub fn with_body(self, body: BodyView<'a>) -> Self {
        Self { body, ..self }
    }

    /// The same view with `origin` as its scheme, host and port, where the request names none (as
    /// in origin form, RFC 9112, 3.2.1).
    #[must_use]
    pub fn with_default_origin(self, origin: &'a Url) -> Self {
        if !self.host.is_empty() {
            return self;
        }
        let scheme = origin.scheme();
        Self {
            scheme,
            host: origin.host_str().unwrap_or_default(),
            port: origin.port().unwrap_or_else(|| default_port(scheme)),
            ..self
        }
    }

    /// The request's method.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The target's scheme as written; empty where the request names none.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// The target's host as written, an IPv6 address in brackets; empty where the request names
    /// none.
    #[must_use]
    pub fn host(&self) -> &'a str {
        self.host
    }

    /// The target's port, the scheme's default where none is written; 0 where neither is known.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The target's path as written.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The target's query as written, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        self.query
    }

    /// The header fields that the caller set.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What is known of the body.
    #[must_use]
    pub fn body(&self) -> BodyView<'a> {
        self.body
    }

    /// The account that the caller named in the request's extensions.
    #[must_use]
    pub fn account(&self) -> Option<&'a Account> {
        self.account
    }

    pub(crate) fn with_account(self, account: Option<&'a Account>) -> Self {
        Self { account, ..self }
    }

    /// Whether both requests go to one scheme, host and port.
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.port == other.port
            && self.scheme == other.scheme
            && self.host.eq_ignore_ascii_case(other.host)
    }

    /// What the caller said about this request alone, by type.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.extensions.get()
    }
}

/// A borrowed view of an answer's head.
#[derive(Clone, Copy)]
pub struct ResponseHead<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
}

impl<'a> ResponseHead<'a> {
    /// The view of an answer with `status` and `headers`.
    #[must_use]
    pub fn new(status: StatusCode, headers: &'a HeaderMap) -> Self {
        Self { status, headers }
    }

    /// The answer's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The answer's header fields.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The challenges in its `WWW-Authenticate` fields, in their order (RFC 9110, 11.6.1). A malformed
    /// one ends its field.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge<'a>> {
        challenge::challenges(self.headers)
    }
}

/// The host of `uri`, with what should be its port where that is none, so that it matches nothing:
/// [`Uri`] takes `host:4,43` and reports no port, and `host:+443` and reports a port.
fn host(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or_default();
    if let Some(port) = uri.port()
        && port.as_str().bytes().all(|byte| byte.is_ascii_digit())
    {
        return host;
    }
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let named = authority.rsplit('@').next().unwrap_or_default();
    match named.strip_prefix(host) {
        Some("" | ":") => host,
        Some(_) | None => named,
    }
}

fn default_port(scheme: &str) -> u16 {
    match scheme {
        "https" | "wss" => 443,
        "http" | "ws" => 80,
        _ => 0,
    }
}

mod debug {
    //! A request's headers, query and body may hold secrets, so none of them is printed.

    use std::fmt;

    use super::{BodyView, RequestHead, ResponseHead};

    impl fmt::Debug for RequestHead<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("RequestHead")
                .field("method", self.method)
                .field("scheme", &self.scheme)
                .field("host", &self.host)
                .field("port", &self.port)
                .field("path", &self.path)
                .finish_non_exhaustive()
        }
    }

    impl fmt::Debug for ResponseHead<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("ResponseHead")
                .field("status", &self.status)
                .finish_non_exhaustive()
        }
    }

    impl fmt::Debug for BodyView<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Empty => f.write_str("Empty"),
                Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
                Self::Stream => f.write_str("Stream"),
            }
        }
    }
}
