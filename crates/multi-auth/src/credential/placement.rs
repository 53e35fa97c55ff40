//! Where a request carries a secret: `Authorization: Bearer <secret>`, `X-API-Key: <secret>`,
//! `?api_key=<secret>`, `Cookie: session=<secret>`.

mod form;
mod framing;
pub(crate) use framing::{FRAMING, check_field};
mod read;
mod write;

use std::borrow::Cow;
use std::fmt;

use http::HeaderName;
use http::header::AUTHORIZATION;
use secrecy::SecretString;

use self::form::Form;
use self::write::encode;
use crate::credential::query_has;
use crate::{AuthError, Credential, RequestHead, secret};

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
    /// [`AuthError::Invalid`] if `name` is not a field name (RFC 9110, 5.1), or if it is a field of
    /// the connection or of the body, such as `Connection`, `Content-Length` or `Host` (RFC 9110,
    /// 7.6.1).
    pub fn header(name: &str) -> Result<Self, AuthError> {
        let name: HeaderName = name.parse().map_err(|_| AuthError::name("header name"))?;
        check_field(&name)?;
        Ok(Self::in_field(name, Form::Prefixed(Cow::Borrowed(""))))
    }

    /// The query parameter `name`.
    ///
    /// Servers and proxies log URLs: prefer a header field if the vendor accepts one.
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

    /// The cookie `name`, in the `Cookie` field (RFC 6265, 4.2.1).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is not a token (RFC 9110, 5.6.2).
    pub fn cookie(name: &str) -> Result<Self, AuthError> {
        // Cookie names and field names have the same grammar.
        let refused = |_| AuthError::name("cookie name");
        name.parse::<HeaderName>().map_err(refused)?;
        Ok(Self::bare(Location::Cookie(name.into())))
    }

    /// Puts `prefix` before the secret, such as `Token ` (with the space).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `prefix` is not valid in a header field.
    pub fn with_prefix(self, prefix: impl Into<Cow<'static, str>>) -> Result<Self, AuthError> {
        let prefix = prefix.into();
        let refused = |problem| AuthError::invalid_secret("prefix", problem);
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

    /// Whether both are the same header field, query parameter or cookie, in any form.
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

    /// Whether the caller already set a value in this place. The caller's value is then sent.
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
            .map_err(|problem| AuthError::invalid_secret(what, problem))
    }

    /// Whether a request can carry only one of the two: the same header field, parameter or cookie.
    pub(crate) fn is_same_field(&self, other: &Self) -> bool {
        match (&self.location, &other.location) {
            (Location::Query(one), Location::Query(other)) => query_has(Some(one), other),
            (one, other) => one == other,
        }
    }
}

/// Prints the place as in a request, with `****` for the secret: `Authorization: Bearer ****`.
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

#[cfg(test)]
mod tests;
