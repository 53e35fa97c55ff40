//! The request to a token endpoint, built for each attempt: method, target, headers, body.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use secrecy::zeroize::Zeroizing;
use url::Url;

use super::body::{self, TokenRequestBody};
use crate::oauth::{Client, Encoding, Grant, Pairs, Parameter, Rotation};
use crate::{AuthError, BodyView, ConstantHeaders, RequestHead, SecretString};

/// Describes the requests to a token endpoint.
pub(super) struct RequestSpec {
    pub(super) endpoint: Url,
    pub(super) method: Method,
    pub(super) query: Pairs,
    pub(super) headers: ConstantHeaders,
    pub(super) body: Body,
}

/// The body: a fixed one, or one that is built for each attempt.
pub(super) enum Body {
    Fixed(TokenRequestBody),
    Made(Arc<MakeBody>),
    Grant(Grant, Client),
}

/// The query and the body of one attempt.
#[derive(Default)]
struct Content {
    query: Pairs,
    body: Option<TokenRequestBody>,
    /// The refresh token that this attempt uses.
    refresh_token: Option<SecretString>,
}

pub(super) type MakeBody = dyn Fn() -> Result<TokenRequestBody, AuthError> + Send + Sync;

/// One request. Its body is wiped if it is not sent.
pub(super) struct Attempt {
    pub(super) head: Parts,
    body: Zeroizing<Vec<u8>>,
    /// The refresh token that is in the body.
    pub(super) refresh_token: Option<SecretString>,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue = HeaderValue::from_static(crate::USER_AGENT);

impl RequestSpec {
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

    /// Builds the next request, without the credential that authenticates it.
    pub(super) async fn attempt(&self) -> Result<Attempt, AuthError> {
        let content = self.content().await?;
        let (mut head, ()) = Request::new(()).into_parts();
        (head.method, head.uri) = (self.method.clone(), self.target(content.query)?);
        let body = content.body.unwrap_or_else(TokenRequestBody::empty);
        if let Some(media_type) = body.media_type() {
            head.headers.insert(CONTENT_TYPE, media_type);
        }
        Ok(Attempt {
            head,
            body: body.bytes(),
            refresh_token: content.refresh_token,
        })
    }

    async fn content(&self) -> Result<Content, AuthError> {
        let body = match &self.body {
            Body::Fixed(body) => body.clone(),
            Body::Made(make) => make()?,
            Body::Grant(grant, client) => return grant_content(grant, client).await,
        };
        Ok(Content {
            body: Some(body),
            ..Content::default()
        })
    }

    /// The store of the refresh token, if the grant presents one.
    pub(super) fn rotation(&self) -> Option<&Arc<Rotation>> {
        match &self.body {
            Body::Grant(grant, _) => grant.rotation(),
            Body::Fixed(_) | Body::Made(_) => None,
        }
    }

    fn target(&self, mut more: Pairs) -> Result<Uri, AuthError> {
        let mut text = self.endpoint.as_str().to_owned();
        let mut query = self.query.clone();
        query.append(&mut more);
        if !query.is_empty() {
            text.push(if self.endpoint.query().is_some() {
                '&'
            } else {
                '?'
            });
            text = body::form_encoded(&text, &query);
        }
        Uri::from_maybe_shared(Bytes::from_owner(Zeroizing::new(text))).map_err(|_| TARGET)
    }

    /// Turns `attempt` into the request to send. The constant fields are added last, so that none
    /// replaces a credential.
    pub(super) fn finish(&self, mut attempt: Attempt) -> Request<Vec<u8>> {
        add_constants(&mut attempt.head.headers, &self.headers);
        Request::from_parts(attempt.head, std::mem::take(&mut *attempt.body))
    }
}

/// The parameters of `grant` and `client` for one attempt.
async fn grant_content(grant: &Grant, client: &Client) -> Result<Content, AuthError> {
    let mut pairs = pairs(grant.parameters()).await?;
    let refresh_token = match grant.rotation() {
        Some(rotation) => Some(rotation.load().await?),
        None => None,
    };
    let named = refresh_token.iter().cloned();
    pairs.extend(named.map(|token| ("refresh_token".to_owned(), token)));
    pairs.append(&mut self::pairs(client.parameters()).await?);
    let (query, body) = match grant.encoding() {
        Encoding::Form => (Pairs::new(), Some(TokenRequestBody::form(pairs))),
        Encoding::Json => (Pairs::new(), Some(TokenRequestBody::json(pairs))),
        Encoding::Query => (pairs, None),
    };
    Ok(Content {
        query,
        body,
        refresh_token,
    })
}

async fn pairs(parameters: &[Parameter]) -> Result<Pairs, AuthError> {
    let mut pairs = Pairs::with_capacity(parameters.len());
    for parameter in parameters {
        pairs.push(parameter.pair().await?);
    }
    Ok(pairs)
}

impl Attempt {
    /// A view of the request for its authenticator.
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
