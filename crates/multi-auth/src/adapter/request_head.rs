//! Borrowed views of a request and of the response to it.

mod overlay;
mod owned;
pub(crate) use overlay::Overlay;
mod target;
pub(crate) use owned::OwnedTarget;

use http::request::Parts;
use http::{Extensions, HeaderMap, Method, StatusCode, Uri};
use url::Url;

use self::target::Target;
use super::history::History;
use super::json_body::JsonBody;
use crate::{Account, Challenge, Generation, ReplayReasons, challenge};

/// What is known of a request's body without consuming it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum BodyView<'a> {
    /// There is none.
    Empty,
    /// The whole body is in memory.
    Bytes(&'a [u8]),
    /// It can be read only by sending it.
    Stream,
}

impl<'a> BodyView<'a> {
    /// The bytes of the body; `None` for a stream.
    #[must_use]
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Empty => Some(&[]),
            Self::Bytes(bytes) => Some(bytes),
            Self::Stream => None,
        }
    }
}

/// A borrowed view of a request, the same for every HTTP client.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    method: &'a Method,
    target: Target<'a>,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
    account: Option<&'a Account>,
    body: BodyView<'a>,
}

impl<'a> RequestHead<'a> {
    /// The view of an [`http::Request`]'s head. Its body counts as a stream.
    #[must_use]
    #[inline]
    pub fn from_parts(parts: &'a Parts) -> Self {
        Self::from_uri(&parts.method, &parts.uri, &parts.headers, &parts.extensions)
    }

    /// The view of a request whose target is a [`Uri`]. Its body counts as a stream.
    #[must_use]
    #[inline]
    pub fn from_uri(
        method: &'a Method,
        uri: &'a Uri,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        Self::new(method, Target::Uri(uri), headers, extensions)
    }

    /// The view of a request whose target is a [`Url`]. Its body counts as a stream.
    #[must_use]
    #[inline]
    pub fn from_url(
        method: &'a Method,
        url: &'a Url,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        Self::new(method, Target::Url(url), headers, extensions)
    }

    #[inline]
    fn new(
        method: &'a Method,
        target: Target<'a>,
        headers: &'a HeaderMap,
        extensions: &'a Extensions,
    ) -> Self {
        Self {
            method,
            target,
            headers,
            extensions,
            account: extensions.get(),
            body: BodyView::Stream,
        }
    }

    /// The same view with what is known of the body. No bytes are an empty body.
    #[must_use]
    pub fn with_body(self, body: BodyView<'a>) -> Self {
        let body = match body {
            BodyView::Bytes([]) => BodyView::Empty,
            body => body,
        };
        Self { body, ..self }
    }

    /// The same view with `origin` as its scheme, host and port, where the request names none (as
    /// in origin form, RFC 9112, 3.2.1).
    #[must_use]
    pub fn with_default_origin(self, origin: &'a Url) -> Self {
        Self {
            target: self.target.at(origin),
            ..self
        }
    }

    /// Whether the request names no origin, and goes to the one that it was given.
    #[inline]
    pub(crate) fn has_default_origin(&self) -> bool {
        self.target.is_at()
    }

    /// The request's method.
    #[must_use]
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The target's scheme as written; `None` if the request names none.
    #[must_use]
    pub fn scheme(&self) -> Option<&'a str> {
        self.target.scheme()
    }

    /// The target's host as written, an IPv6 address in brackets; `None` if the request names none.
    #[must_use]
    pub fn host(&self) -> Option<&'a str> {
        self.target.host()
    }

    /// The target's port, or the scheme's default if none is written; `None` if neither is known.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.target.port()
    }

    /// Whether the scheme uses TLS, and the authority as written, perhaps with user information.
    /// `None` if the scheme is neither http nor https.
    #[inline]
    pub(crate) fn origin(&self) -> Option<(bool, &'a str)> {
        self.target.origin()
    }

    /// The target's scheme, host and port, as errors show them.
    pub(crate) fn shown_origin(&self) -> String {
        match (self.scheme(), self.host(), self.port()) {
            (Some(scheme), Some(host), Some(port)) => format!("{scheme}://{host}:{port}"),
            _ => "a target without an origin".to_owned(),
        }
    }

    /// The target's path as written.
    #[must_use]
    pub fn path(&self) -> &'a str {
        self.target.path()
    }

    /// The target's query as written, without the question mark.
    #[must_use]
    pub fn query(&self) -> Option<&'a str> {
        self.target.query()
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

    /// Whether the caller said anything about this request alone.
    #[inline]
    pub(crate) fn has_extensions(&self) -> bool {
        !self.extensions.is_empty()
    }

    pub(crate) fn with_account(self, account: Option<&'a Account>) -> Self {
        Self { account, ..self }
    }

    /// Whether both requests go to one scheme, host and port.
    #[must_use]
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.port() == other.port()
            && self.scheme() == other.scheme()
            && match (self.host(), other.host()) {
                (Some(own), Some(other)) => own.eq_ignore_ascii_case(other),
                (own, other) => own == other,
            }
    }

    /// The same, where `wss` counts as https and `ws` as http.
    pub(crate) fn is_same_web_origin(&self, other: &Self) -> bool {
        let is_secure = |head: &Self| head.origin().map(|(is_secure, _)| is_secure);
        is_secure(self).is_some()
            && is_secure(self) == is_secure(other)
            && self.port() == other.port()
            && self
                .host()
                .zip(other.host())
                .is_some_and(|(own, other)| own.eq_ignore_ascii_case(other))
    }

    /// What the caller said about this request alone, by type.
    #[must_use]
    pub fn extension<T: Send + Sync + 'static>(&self) -> Option<&'a T> {
        self.extensions.get()
    }
}

/// A borrowed view of a response's head.
#[derive(Clone, Copy)]
pub struct ResponseHead<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    json: Option<&'a JsonBody>,
    history: Option<History>,
}

impl<'a> ResponseHead<'a> {
    /// The view of a response with `status` and `headers`.
    #[must_use]
    pub fn new(status: StatusCode, headers: &'a HeaderMap) -> Self {
        Self {
            status,
            headers,
            json: None,
            history: None,
        }
    }

    /// The same view with the JSON body that the adapter read.
    #[must_use]
    pub fn with_json(self, json: Option<&'a JsonBody>) -> Self {
        Self { json, ..self }
    }

    /// The string, number or boolean at `pointer` (RFC 6901) of the JSON body, as text.
    ///
    /// `None` if there is none, or if the body was not read: it is read only for an authenticator
    /// that [reads responses](crate::Authenticator::reads_responses), and only up to
    /// [`JsonBody::LIMIT`].
    ///
    /// ```
    /// use http::{HeaderMap, StatusCode};
    /// use multi_auth::ResponseHead;
    /// use multi_auth::adapter::JsonBody;
    ///
    /// let (headers, json) = (HeaderMap::new(), JsonBody::new(r#"{"code": 40001}"#.into()));
    /// let response = ResponseHead::new(StatusCode::OK, &headers).with_json(Some(&json));
    /// assert_eq!(response.json_text("/code").as_deref(), Some("40001"));
    /// ```
    #[must_use]
    pub fn json_text(&self, pointer: &str) -> Option<String> {
        self.json?.text_at(pointer)
    }

    /// The same view of the response to a replay.
    pub(crate) fn after(self, history: Option<History>) -> Self {
        Self { history, ..self }
    }

    /// Whether the token of `generation` was requested after the first attempt was refused. Its
    /// refusal most likely concerns a permission.
    pub(crate) fn is_newer_than_refusal(&self, generation: Generation) -> bool {
        self.history
            .is_some_and(|history| generation > history.since())
    }

    fn is_after(&self, reason: ReplayReasons) -> bool {
        self.history
            .is_some_and(|history| history.reasons().contain(reason))
    }

    /// Whether the request was replayed after [`Verdict::Refresh`](crate::Verdict::Refresh): a
    /// refusal most likely concerns a permission, so it is no reason to discard the fresh
    /// credential.
    #[must_use]
    pub fn is_after_refresh(&self) -> bool {
        self.is_after(ReplayReasons::REFRESHED)
    }

    /// Whether the request was replayed after [`Verdict::Resign`](crate::Verdict::Resign).
    #[must_use]
    pub fn is_after_resign(&self) -> bool {
        self.is_after(ReplayReasons::RESIGNED)
    }

    /// Whether the request was replayed after [`Verdict::OtherKey`](crate::Verdict::OtherKey).
    #[must_use]
    pub fn is_after_other_key(&self) -> bool {
        self.is_after(ReplayReasons::OTHER_KEY)
    }

    /// The response's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The response's header fields.
    #[must_use]
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The challenges in its `WWW-Authenticate` fields, in their order (RFC 9110, 11.6.1). A
    /// malformed one ends its field.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge<'a>> {
        challenge::challenges(self.headers)
    }

    /// Whether a challenge says that the token is good but not enough (RFC 6750, 3.1; RFC 9449,
    /// 7.1).
    pub(crate) fn lacks_scope(&self) -> bool {
        self.challenges().iter().any(|challenge| {
            let is_of_token = challenge.is("Bearer") || challenge.is("DPoP");
            let error = challenge.param("error");
            is_of_token && error.as_deref() == Some("insufficient_scope")
        })
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
                .field("scheme", &self.scheme())
                .field("host", &self.host())
                .field("port", &self.port())
                .field("path", &self.path())
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
