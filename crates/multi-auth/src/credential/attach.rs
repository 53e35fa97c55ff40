//! Attaches a credential to a request. A field that the caller set wins, and none is sent twice.

use std::borrow::Borrow;

use http::header::{AUTHORIZATION, COOKIE, HeaderMap, IntoHeaderName};
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderName, HeaderValue, Request, Uri};
use url::form_urlencoded;

use super::{Attachment, Credential, Pair};
use crate::credential::placement::FRAMING;
use crate::{AuthError, secret};

/// A request of an HTTP client, to which a credential is attached.
pub trait Outgoing {
    /// The request's header fields.
    fn headers_mut(&mut self) -> &mut HeaderMap;

    /// The target's query, without the question mark.
    fn query(&self) -> Option<&str>;

    /// Replaces the target's query by `query`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Attach`] if the target cannot hold it.
    fn set_query(&mut self, query: &str) -> Result<(), AuthError>;
}

impl Credential {
    /// Attaches the credential to `request`, except where the caller set one.
    ///
    /// A header field, query parameter or cookie that the request already has stays unchanged, and
    /// no second one is added. Returns whether anything was attached.
    ///
    /// # Errors
    ///
    /// [`AuthError::Attach`] if the request has no room for it, such as in a full header map.
    pub fn attach(self, request: &mut impl Outgoing) -> Result<bool, AuthError> {
        Ok(self.attach_parts(request)? != Attached::Nothing)
    }

    /// As [`attach`](Self::attach), but returns which parts were attached: only these are judged.
    #[inline]
    pub(crate) fn attach_parts(&self, request: &mut impl Outgoing) -> Result<Attached, AuthError> {
        match self.attachments.as_deref() {
            // Most credentials are one field: a path of its own saves 27 instructions.
            Some([only]) => Ok(if only.attach(request)? {
                Attached::All
            } else {
                Attached::Nothing
            }),
            Some(all) => attach_all(all, request),
            None => Ok(Attached::Nothing),
        }
    }

    /// Whether part of it goes into the query, which makes the URL a secret.
    #[must_use]
    #[inline]
    pub fn is_in_query(&self) -> bool {
        match self.attachments.as_deref() {
            None | Some([Attachment::Authorization(_)]) => false,
            Some(all) => all
                .iter()
                .any(|attachment| matches!(attachment, Attachment::Query(..))),
        }
    }
}

/// Which parts of a credential were attached.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Attached {
    All,
    /// All except the parts with these indices, which the caller had set.
    AllBut(Vec<usize>),
    Nothing,
}

fn attach_all(all: &[Attachment], request: &mut impl Outgoing) -> Result<Attached, AuthError> {
    let mut missing = Vec::new();
    for (at, attachment) in all.iter().enumerate() {
        if !attachment.attach(request)? {
            missing.push(at);
        }
    }
    Ok(match missing.len() {
        0 => Attached::All,
        count if count == all.len() => Attached::Nothing,
        _ => Attached::AllBut(missing),
    })
}

impl Attachment {
    #[inline]
    fn attach(&self, request: &mut impl Outgoing) -> Result<bool, AuthError> {
        match self {
            Self::Authorization(value) => {
                attach_header(request.headers_mut(), AUTHORIZATION, value)
            }
            Self::Header(header) => attach_header(request.headers_mut(), &header.0, &header.1),
            Self::Query(pair, _) => attach_query(request, pair),
            Self::Cookie(pair) => attach_cookie(request.headers_mut(), pair),
            Self::Refused(_) => Err(FRAMING),
        }
    }
}

/// Appends the field, and removes it again if the request had one, which is rare. A look-up first
/// would cost 120 instructions more per request.
#[inline]
fn attach_header(
    headers: &mut HeaderMap,
    name: impl IntoHeaderName + Borrow<HeaderName> + Clone,
    value: &HeaderValue,
) -> Result<bool, AuthError> {
    match headers.try_append(name.clone(), value.clone()) {
        Ok(false) => Ok(true),
        Ok(true) => {
            remove_last(headers, name.borrow());
            Ok(false)
        }
        // The map is full; a field of the caller needs no room.
        Err(_) if headers.contains_key(name.borrow()) => Ok(false),
        Err(_) => Err(FULL),
    }
}

/// Removes the last of several values of a field.
#[cold]
fn remove_last(headers: &mut HeaderMap, name: &HeaderName) {
    let mut values: Vec<_> = headers.get_all(name).into_iter().cloned().collect();
    values.pop();
    let mut values = values.into_iter();
    if let Some(first) = values.next() {
        headers.insert(name, first);
    }
    for value in values {
        headers.append(name, value);
    }
}

fn attach_query(request: &mut impl Outgoing, pair: &Pair) -> Result<bool, AuthError> {
    let query = match request.query() {
        query if query_has(query, pair.name()) => return Ok(false),
        None | Some("") => secret::join("", pair.as_str()),
        Some(query) => secret::join(&secret::join(query, "&"), pair.as_str()),
    };
    request.set_query(&query).map(|()| true)
}

/// A request has one `Cookie` field (RFC 6265, 5.4), so the pair is appended to it.
fn attach_cookie(headers: &mut HeaderMap, pair: &Pair) -> Result<bool, AuthError> {
    if cookies_have(headers, pair.name()) {
        return Ok(false);
    }
    if !headers.contains_key(COOKIE) {
        return attach_header(headers, &COOKIE, &pair.0);
    }
    let own = headers
        .get_all(COOKIE)
        .into_iter()
        .map(without_trailing_semicolons);
    // A strict parser stops at an empty pair, so none is left.
    let own = own.filter(|cookies| !cookies.is_empty());
    let all: Vec<_> = own.chain([pair.as_str().as_bytes()]).collect();
    let joined = secret::join_values(&all, b"; ").map_err(|_| COOKIES)?;
    headers.insert(COOKIE, joined);
    Ok(true)
}

pub(crate) fn query_has(query: Option<&str>, name: &str) -> bool {
    // Names compare decoded: `api%5Fkey` and `api_key` are the same to a server.
    let mut names = query
        .into_iter()
        .flat_map(|query| form_urlencoded::parse(query.as_bytes()));
    let plain = form_urlencoded::parse(name.as_bytes()).next();
    plain.is_some_and(|(plain, _)| names.any(|(name, _)| name == plain))
}

/// The name in `param`, a `name=value` of a query, decoded and in lower case.
pub(crate) fn param_name(param: &str) -> String {
    let pair = form_urlencoded::parse(param.as_bytes()).next();
    pair.map_or_else(String::new, |(name, _)| name.to_lowercase())
}

pub(crate) fn cookies_have(headers: &HeaderMap, name: &str) -> bool {
    let cookies = headers.get_all(COOKIE).into_iter();
    cookies
        .flat_map(|value| value.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| pair.split(|&byte| byte == b'=').next())
        .any(|own| own.trim_ascii() == name.as_bytes())
}

/// The cookies of one field, without trailing semicolons.
fn without_trailing_semicolons(cookies: &HeaderValue) -> &[u8] {
    let mut cookies = cookies.as_bytes().trim_ascii();
    while let [rest @ .., b';'] = cookies {
        cookies = rest.trim_ascii_end();
    }
    cookies
}

impl<B> Outgoing for Request<B> {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        Self::headers_mut(self)
    }

    fn query(&self) -> Option<&str> {
        self.uri().query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        *self.uri_mut() = with_query(self.uri(), query)?;
        Ok(())
    }
}

impl<T: Outgoing> Outgoing for &mut T {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        (**self).headers_mut()
    }

    fn query(&self) -> Option<&str> {
        (**self).query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        (**self).set_query(query)
    }
}

impl Outgoing for Parts {
    #[inline]
    fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    fn set_query(&mut self, query: &str) -> Result<(), AuthError> {
        self.uri = with_query(&self.uri, query)?;
        Ok(())
    }
}

fn with_query(uri: &Uri, query: &str) -> Result<Uri, AuthError> {
    let target = secret::join(&secret::join(uri.path(), "?"), query);
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target.as_str()).map_err(|_| TARGET)?);
    Uri::from_parts(parts).map_err(|_| TARGET)
}

const FULL: AuthError = AuthError::Attach {
    what: "its header map is full",
};
const COOKIES: AuthError = AuthError::Attach {
    what: "its own cookies hold what a header field cannot",
};
const TARGET: AuthError = AuthError::Attach {
    what: "its target cannot hold a query parameter",
};
