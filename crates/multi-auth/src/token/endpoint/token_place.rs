//! Where a response has its token: in the body, in a header field or in a cookie.

use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName};
use secrecy::zeroize::Zeroizing;

use super::fields::Fields;
use super::response::{missing, text_at};
use crate::{Token, TokenRequestProblem as Problem};

/// Where a response has its token.
#[derive(Debug)]
pub(super) enum TokenPlace {
    /// In the body, at this JSON pointer. The empty pointer is the whole body, which may be plain
    /// text.
    Pointer(String),
    Header(HeaderName),
    /// In the cookie of this name.
    Cookie(String),
}

impl TokenPlace {
    /// The fields of the body. A response with its token elsewhere may have another body, or none.
    pub(super) fn fields<'b>(
        &self,
        headers: &HeaderMap,
        body: &'b [u8],
    ) -> Result<Fields<'b>, Problem> {
        match self {
            Self::Pointer(pointer) if pointer.is_empty() => Fields::or_text(headers, body),
            Self::Pointer(_) => Fields::new(headers, body),
            Self::Header(_) | Self::Cookie(_) => Fields::or_none(headers, body),
        }
    }

    pub(super) fn read(
        &self,
        headers: &HeaderMap,
        response: &Fields<'_>,
    ) -> Result<Token, Problem> {
        let (found, name) = match self {
            Self::Pointer(pointer) => (text_at(response, pointer)?, pointer.as_str()),
            Self::Header(name) => (header(headers, name), name.as_str()),
            Self::Cookie(name) => (cookie(headers, name), name.as_str()),
        };
        let token = found.filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| missing(name))?;
        Ok(Token::new(token.as_str()))
    }
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<Zeroizing<String>> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(Zeroizing::new(value.trim().to_owned()))
}

/// The last cookie `name` that the response sets (RFC 6265, 5.2).
fn cookie(headers: &HeaderMap, name: &str) -> Option<Zeroizing<String>> {
    let fields = headers.get_all(SET_COOKIE).iter();
    let values = fields.filter_map(|field| {
        let mut parts = field.to_str().ok()?.split(';');
        let (own, value) = parts.next()?.split_once('=')?;
        let is_meant = own.trim() == name && !parts.any(is_removal);
        is_meant.then(|| value.trim())
    });
    let last = values.reduce(|_, last| last);
    last.map(|value| Zeroizing::new(value.to_owned()))
}

/// Whether an attribute removes the cookie: a lifetime that is not positive.
fn is_removal(attribute: &str) -> bool {
    let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
    let is_age = name.trim().eq_ignore_ascii_case("max-age");
    is_age && value.trim().parse::<i64>().is_ok_and(|age| age <= 0)
}
