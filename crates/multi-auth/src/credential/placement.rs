//! Where a request carries a secret, and in which form: `Authorization: Bearer <secret>`,
//! `X-API-Key: <secret>`, `?api_key=<secret>`, `Cookie: session=<secret>`.

mod read;

use std::borrow::Cow;
use std::fmt;

use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use crate::credential::{Attachment, Pair, query_has};
use crate::{AuthError, Credential, RequestHead, SecretProblem, secret};

/// Where a request carries a secret, and in which form.
///
/// ```
/// use multi_auth::Placement;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// Placement::authorization();                        // Authorization: <secret>
/// Placement::authorization().with_prefix("Token ")?; // Authorization: Token <secret>
/// Placement::header("x-api-key")?;                   // x-api-key: <secret>
/// Placement::query("api_key")?;                      // ?api_key=<secret>
/// Placement::cookie("session")?;                     // Cookie: session=<secret>
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Placement {
    location: Location,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Location {
    Header(HeaderName),
    /// A percent-encoded parameter name.
    Query(Box<str>),
    Cookie(Box<str>),
}

#[derive(Clone)]
enum Form {
    Prefixed(Cow<'static, str>),
    /// `Basic ` and base64 of the secret (RFC 7617).
    Basic,
}

impl Placement {
    /// The `Authorization` field, with the bare secret as its value.
    #[must_use]
    pub const fn authorization() -> Self {
        Self::in_field(AUTHORIZATION, Form::Prefixed(Cow::Borrowed("")))
    }

    /// The `Authorization` field with the `Bearer` scheme (RFC 6750, 2.1).
    #[must_use]
    pub const fn bearer() -> Self {
        Self::in_field(AUTHORIZATION, Form::Prefixed(Cow::Borrowed("Bearer ")))
    }

    /// The `Authorization` field with the `Basic` scheme; the secret is `user:password`
    /// (RFC 7617, 2).
    #[must_use]
    pub const fn basic() -> Self {
        Self::in_field(AUTHORIZATION, Form::Basic)
    }

    /// The header field `name`, with the bare secret as its value.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is not a field name (RFC 9110, 5.1), or if the
    /// field belongs to one connection or says where a message ends or goes, such as `Connection`,
    /// `Content-Length` or `Host` (RFC 9110, 7.6.1).
    pub fn header(name: &str) -> Result<Self, AuthError> {
        let name: HeaderName = name.parse().map_err(|_| AuthError::name("header name"))?;
        check_field(&name)?;
        Ok(Self::in_field(name, Form::Prefixed(Cow::Borrowed(""))))
    }

    /// A query parameter. Servers and proxies log URLs: prefer a header field if the vendor accepts
    /// one.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is empty.
    pub fn query(name: &str) -> Result<Self, AuthError> {
        if name.is_empty() {
            return Err(AuthError::name("query parameter's name"));
        }
        Ok(Self::bare(Location::Query(encode(name).as_str().into())))
    }

    /// A cookie (RFC 6265, 4.2.1).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is not a token.
    pub fn cookie(name: &str) -> Result<Self, AuthError> {
        // Cookie names and field names have the same grammar.
        let refused = |_| AuthError::name("cookie name");
        name.parse::<HeaderName>().map_err(refused)?;
        Ok(Self::bare(Location::Cookie(name.into())))
    }

    /// The same place with `prefix` before the secret, such as `Token ` (with the space).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `prefix` is not valid in a header field.
    pub fn with_prefix(self, prefix: impl Into<Cow<'static, str>>) -> Result<Self, AuthError> {
        let prefix = prefix.into();
        let refused = |problem| AuthError::secret("prefix", problem);
        secret::check_header(prefix.trim_end_matches(' ')).map_err(refused)?;
        Ok(Self {
            form: Form::Prefixed(prefix),
            ..self
        })
    }

    const fn in_field(name: HeaderName, form: Form) -> Self {
        Self {
            location: Location::Header(name),
            form,
        }
    }

    fn bare(location: Location) -> Self {
        Self {
            location,
            form: Form::Prefixed(Cow::Borrowed("")),
        }
    }

    /// The name of the header field, if this is one.
    pub(crate) fn field(&self) -> Option<&HeaderName> {
        match &self.location {
            Location::Header(name) => Some(name),
            Location::Query(_) | Location::Cookie(_) => None,
        }
    }

    /// The name of the query parameter, percent-encoded, if this is one.
    pub(crate) fn param(&self) -> Option<&str> {
        match &self.location {
            Location::Query(name) => Some(name),
            Location::Header(_) | Location::Cookie(_) => None,
        }
    }

    /// Whether this place is removed from every request that leaves its origin.
    pub(crate) fn is_cleared_always(&self) -> bool {
        match &self.location {
            Location::Header(name) => *name == AUTHORIZATION,
            Location::Cookie(_) => true,
            Location::Query(_) => false,
        }
    }

    /// Whether both are the same place.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        self.location == other.location
    }

    /// Builds the credential that attaches `secret` in this place, for a scheme of your own.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `secret` is empty or cannot be sent in this place.
    pub fn credential(&self, secret: &SecretString) -> Result<Credential, AuthError> {
        self.named_credential("secret", secret)
    }

    /// Whether the caller filled this place, and so wins.
    #[must_use]
    pub fn is_taken(&self, request: &RequestHead<'_>) -> bool {
        match &self.location {
            Location::Header(name) => request.headers().contains_key(name),
            Location::Query(name) => query_has(request.query(), name),
            Location::Cookie(name) => crate::credential::cookies_have(request.headers(), name),
        }
    }

    /// Builds the credential that attaches `value` in this place. Errors call it `what`.
    pub(crate) fn named_credential(
        &self,
        what: &'static str,
        value: &SecretString,
    ) -> Result<Credential, AuthError> {
        self.attachment(value)
            .map(Credential::one)
            .map_err(|problem| AuthError::secret(what, problem))
    }

    /// Checks that `value` is valid in this header field, without a copy.
    pub(crate) fn check(&self, value: &SecretString) -> Result<(), SecretProblem> {
        secret::check_header(&self.formed(value.expose_secret())?)
    }

    /// Whether a request can carry only one of the two: the same header field, parameter or cookie.
    pub(crate) fn is_same_field(&self, other: &Self) -> bool {
        match (&self.location, &other.location) {
            (Location::Query(one), Location::Query(other)) => query_has(Some(one), other),
            (one, other) => one == other,
        }
    }

    /// The attachment of `value` in this place.
    pub(crate) fn attachment(&self, value: &SecretString) -> Result<Attachment, SecretProblem> {
        let text = self.formed(value.expose_secret())?;
        match &self.location {
            Location::Header(name) => Ok(Attachment::header(
                name.clone(),
                secret::header_value(&text)?,
            )),
            Location::Query(name) => {
                let encoded = encode(&text);
                check_length(&encoded)?;
                let start = name.len() + "=".len() + encode(self.form.prefix()).len();
                Ok(Attachment::Query(pair(name, &encoded)?, start))
            }
            Location::Cookie(name) if text.bytes().all(is_cookie_octet) => {
                Ok(Attachment::Cookie(pair(name, &text)?))
            }
            Location::Cookie(_) => Err(SecretProblem::NotCookie),
        }
    }

    /// The secret in its form. It is checked first: base64 would hide what is wrong with it.
    fn formed(&self, value: &str) -> Result<Zeroizing<String>, SecretProblem> {
        if value.is_empty() {
            return Err(SecretProblem::Empty);
        }
        check_length(value)?;
        match &self.form {
            Form::Prefixed(prefix) => {
                secret::check_line(value)?;
                if !prefix.is_empty() && value.starts_with(&**prefix) {
                    return Err(SecretProblem::PrefixTwice);
                }
                Ok(secret::join(prefix, value))
            }
            Form::Basic => {
                let encoded = secret::base64::encode(value.as_bytes());
                Ok(secret::join("Basic ", &encoded))
            }
        }
    }
}

/// Refuses fields that change how a message is parsed, and those that the next hop removes.
pub(crate) fn check_field(name: &HeaderName) -> Result<(), AuthError> {
    const REFUSED: [&str; 15] = [
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    if REFUSED.contains(&name.as_str()) {
        return Err(FRAMING);
    }
    Ok(())
}

/// Such a field cannot hold a key.
pub(crate) const FRAMING: AuthError = AuthError::unsupported(
    "a key cannot be put in a header field that belongs to the connection or to the message's body",
    "use the field that the vendor's documentation names",
);

/// The longest secret that is sent, in bytes. A server would refuse a longer one at each request.
const LONGEST: usize = 32 * 1024;

fn check_length(value: &str) -> Result<(), SecretProblem> {
    if value.len() > LONGEST {
        return Err(SecretProblem::TooLong);
    }
    Ok(())
}

/// The prefix is not printed: it may hold a key by mistake.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Prefixed(prefix) if prefix.is_empty() => "Bare",
            Self::Prefixed(_) => "Prefixed",
            Self::Basic => "Basic",
        })
    }
}

/// The place as a request has it, with `****` for the secret: `Authorization: Bearer ****`.
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.form.scheme();
        match &self.location {
            Location::Header(name) if *name == AUTHORIZATION => {
                write!(f, "Authorization: {scheme}****")
            }
            Location::Header(name) => write!(f, "{name}: {scheme}****"),
            Location::Query(name) => write!(f, "?{name}={scheme}****"),
            Location::Cookie(name) => write!(f, "Cookie: {name}={scheme}****"),
        }
    }
}

impl Form {
    /// The text before the secret.
    fn prefix(&self) -> &str {
        match self {
            Self::Basic => "Basic ",
            Self::Prefixed(prefix) => prefix,
        }
    }

    /// The prefix if it is a single word; anything else may hold a key by mistake.
    fn scheme(&self) -> &str {
        const LONGEST_WORD: usize = "Bearer ".len();
        match self {
            Self::Basic => "Basic ",
            Self::Prefixed(prefix) => {
                let word = prefix.trim_end_matches(' ');
                let is_word = word.bytes().all(|byte| byte.is_ascii_alphabetic());
                if is_word && prefix.len() <= LONGEST_WORD {
                    prefix
                } else {
                    ""
                }
            }
        }
    }
}

fn pair(name: &str, value: &str) -> Result<Pair, SecretProblem> {
    secret::header_value(&secret::join(&secret::join(name, "="), value)).map(Pair)
}

/// Percent-encodes a form value, with `%20` for a space, which every server decodes.
fn encode(text: &str) -> Zeroizing<String> {
    // The whole capacity at once: a string that grows leaves an unwiped copy.
    let mut encoded = Zeroizing::new(String::with_capacity(text.len() * "%00".len()));
    for piece in form_urlencoded::byte_serialize(text.as_bytes()) {
        encoded.push_str(if piece == "+" { "%20" } else { piece });
    }
    encoded
}

/// The bytes of a cookie's value (RFC 6265, 4.1.1).
fn is_cookie_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b',' | b';' | b'\\')
}

#[cfg(test)]
mod tests;
