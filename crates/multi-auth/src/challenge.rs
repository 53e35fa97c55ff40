//! Parses challenges: `WWW-Authenticate: Bearer realm="a", error="invalid_token", Basic realm="b"`
//! (RFC 9110, 11.6.1). A field may have several, and a response several fields.
//!
//! It accepts what vendors send beyond the grammar: values without the quotes that they need and
//! parameters without commas, as in `Bearer authorization_uri=https://login.example
//! resource_id=https://a.example` (Azure Storage), and parameters after a `token68`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// One challenge of a response, from [`ResponseHead::challenges`](crate::ResponseHead::challenges).
///
/// ```
/// use http::{HeaderMap, HeaderValue, StatusCode};
/// use multi_auth::ResponseHead;
///
/// let mut headers = HeaderMap::new();
/// let field = r#"Bearer realm="api", error="invalid_token""#;
/// headers.insert("www-authenticate", HeaderValue::from_static(field));
/// let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
/// let challenges = response.challenges();
/// let bearer = challenges.iter().find(|challenge| challenge.is("Bearer")).unwrap();
/// assert_eq!(bearer.param("error").as_deref(), Some("invalid_token"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge<'a> {
    scheme: Cow<'a, str>,
    params: Vec<(&'a [u8], Cow<'a, [u8]>)>,
}

impl Challenge<'_> {
    /// The name of the scheme, as the vendor wrote it.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether this is a challenge for `scheme`, in any case of letters.
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of the parameter `name`, without quotes; the name matches regardless of case.
    /// Bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<Cow<'_, str>> {
        let named = |own: &[u8]| own.eq_ignore_ascii_case(name.as_bytes());
        let (_, value) = self.params.iter().find(|(own, _)| named(own))?;
        Some(String::from_utf8_lossy(value))
    }

    /// Whether a parameter is repeated, which makes the challenge invalid (RFC 9110, 11.2).
    fn has_duplicate_param(&self) -> bool {
        let mut names = HashSet::with_capacity(self.params.len());
        let mut params = self.params.iter();
        params.any(|(name, _)| !names.insert(name.to_ascii_lowercase()))
    }
}

/// No value is printed: a vendor may repeat the token that it refused.
impl fmt::Debug for Challenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Challenge")
            .field("scheme", &self.scheme)
            .field("params", &self.params.len())
            .finish()
    }
}

/// The challenges in `headers`, in order. After a malformed one, the rest of its field is ignored.
pub(crate) fn challenges(headers: &HeaderMap) -> Vec<Challenge<'_>> {
    let fields = headers.get_all(WWW_AUTHENTICATE).into_iter();
    fields
        .flat_map(|field| in_field(field.as_bytes()))
        .collect()
}

fn in_field(field: &[u8]) -> Vec<Challenge<'_>> {
    let mut input = Input(field);
    let mut found = Vec::new();
    loop {
        input.skip(|byte| is_space(byte) || byte == b',');
        let Some(challenge) = input.challenge() else {
            return found;
        };
        if !challenge.has_duplicate_param() {
            found.push(challenge);
        }
    }
}

/// The rest of a field that is not parsed yet.
#[derive(Clone, Copy)]
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn challenge(&mut self) -> Option<Challenge<'a>> {
        let scheme = self.token()?;
        let mut params = Vec::new();
        self.skip(is_space);
        if !self.is_at_param() {
            // A `token68` (RFC 9110, 11.2), such as that of Negotiate, is skipped.
            self.skip(|byte| is_token(byte) || matches!(byte, b'/' | b'='));
        }
        loop {
            let before = *self;
            self.skip(|byte| is_space(byte) || byte == b',');
            if !self.is_at_param() {
                *self = before;
                break;
            }
            params.push(self.param()?);
        }
        self.skip(is_space);
        // The next challenge must follow.
        let ends = self.0.first().is_none_or(|&byte| byte == b',');
        ends.then(|| Challenge {
            scheme: String::from_utf8_lossy(scheme),
            params,
        })
    }

    /// Whether `name =` follows, and not a scheme or a `token68` that ends with `=`.
    fn is_at_param(self) -> bool {
        let mut ahead = self;
        if ahead.token().is_none() {
            return false;
        }
        ahead.skip(is_space);
        if ahead.0.first() != Some(&b'=') {
            return false;
        }
        ahead.0 = &ahead.0[1..];
        ahead.skip(is_space);
        ahead
            .0
            .first()
            .is_some_and(|&byte| byte == b'"' || (is_bare(byte) && byte != b'='))
    }

    fn param(&mut self) -> Option<(&'a [u8], Cow<'a, [u8]>)> {
        let name = self.token()?;
        self.skip(|byte| is_space(byte) || byte == b'=');
        match self.0.first()? {
            b'"' => Some((name, self.quoted()?)),
            _ => Some((name, Cow::Borrowed(self.while_is(is_bare)?))),
        }
    }

    fn token(&mut self) -> Option<&'a [u8]> {
        self.while_is(is_token)
    }

    /// The bytes of it, if there are any.
    fn while_is(&mut self, is_part: impl Fn(u8) -> bool) -> Option<&'a [u8]> {
        let end = self
            .0
            .iter()
            .position(|&byte| !is_part(byte))
            .unwrap_or(self.0.len());
        let (found, rest) = self.0.split_at(end);
        self.0 = rest;
        (!found.is_empty()).then_some(found)
    }

    /// A quoted string (RFC 9110, 5.6.4), without its quotes and backslashes.
    fn quoted(&mut self) -> Option<Cow<'a, [u8]>> {
        let inner = self.0.get(1..)?;
        let mut value = Vec::new();
        let mut is_escaped = false;
        for (at, &byte) in inner.iter().enumerate() {
            match byte {
                _ if is_escaped => value.push(byte),
                b'"' => {
                    self.0 = &inner[at + 1..];
                    return Some(Cow::Owned(value));
                }
                b'\\' => {}
                _ => value.push(byte),
            }
            is_escaped = byte == b'\\' && !is_escaped;
        }
        None
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        let end = self
            .0
            .iter()
            .position(|&byte| !skipped(byte))
            .unwrap_or(self.0.len());
        self.0 = &self.0[end..];
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// The bytes of a token (RFC 9110, 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// The bytes of a value without quotes: a token's, and those of URLs.
fn is_bare(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b'\\')
}

#[cfg(test)]
mod tests;
