//! The request to a token endpoint, built anew for each attempt: method, target, headers, body.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::body::{self, Pairs, TokenRequestBody};
use crate::{AuthError, BodyView, ConstantHeaders, RequestHead};

/// What is sent to a token endpoint.
pub(super) struct Call {
    pub(super) endpoint: Url,
    pub(super) method: Method,
    pub(super) query: Pairs,
    pub(super) headers: ConstantHeaders,
    pub(super) body: Body,
}

/// The body: the same for each attempt, or made for it.
pub(super) enum Body {
    Fixed(TokenRequestBody),
    Made(Arc<MakeBody>),
}

pub(super) type MakeBody = dyn Fn() -> Result<TokenRequestBody, AuthError> + Send + Sync;

/// One request. Its body is wiped if it is not sent.
pub(super) struct Attempt {
    pub(super) head: Parts,
    body: Zeroizing<Vec<u8>>,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue = HeaderValue::from_static(crate::USER_AGENT);

impl Call {
    /// `POST <endpoint>` without a body.
    pub(super) fn new(endpoint: Url) -> Self {
        Self {
            endpoint,
            method: Method::POST,
            query: Pairs::new(),
            headers: ConstantHeaders::new(),
            body: Body::Fixed(TokenRequestBody::empty()),
        }
    }

    /// The next request, without the credential of the token request itself.
    pub(super) fn attempt(&self) -> Result<Attempt, AuthError> {
        let fresh;
        let body = match &self.body {
            Body::Fixed(body) => body,
            Body::Made(make) => {
                fresh = make()?;
                &fresh
            }
        };
        let (mut head, ()) = Request::new(()).into_parts();
        (head.method, head.uri) = (self.method.clone(), self.target()?);
        if let Some(media_type) = body.media_type() {
            head.headers.insert(CONTENT_TYPE, media_type);
        }
        let body = body.bytes();
        Ok(Attempt { head, body })
    }

    fn target(&self) -> Result<Uri, AuthError> {
        let mut text = self.endpoint.as_str().to_owned();
        if !self.query.is_empty() {
            text.push(if self.endpoint.query().is_some() {
                '&'
            } else {
                '?'
            });
            text = body::form_encoded(&text, &self.query);
        }
        Uri::from_maybe_shared(Bytes::from_owner(Zeroizing::new(text))).map_err(|_| TARGET)
    }

    /// `attempt` as it is sent. The constant fields come last: none of them keeps a credential from
    /// its place.
    pub(super) fn finish(&self, mut attempt: Attempt) -> Request<Vec<u8>> {
        add_constants(&mut attempt.head.headers, &self.headers);
        Request::from_parts(attempt.head, std::mem::take(&mut *attempt.body))
    }
}

impl Attempt {
    /// As the authenticator of the token request sees it.
    pub(super) fn view(&self) -> RequestHead<'_> {
        let body = if self.body.is_empty() {
            BodyView::Empty
        } else {
            BodyView::Bytes(&self.body)
        };
        RequestHead::from_parts(&self.head).with_body(body)
    }
}

fn add_constants(headers: &mut HeaderMap, constant: &ConstantHeaders) {
    constant.add_to(headers);
    headers.entry(ACCEPT).or_insert(JSON);
    headers.entry(USER_AGENT).or_insert(AGENT);
}

const TARGET: AuthError = AuthError::Attach {
    what: "the token endpoint is not a valid request target",
};
