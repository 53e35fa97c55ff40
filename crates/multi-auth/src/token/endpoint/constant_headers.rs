//! Header fields with the same value on every request to a vendor: `User-Agent: acme/1`, `Accept:
//! application/json`.

use std::fmt;

use http::header::{HeaderMap, HeaderName};

use crate::{AuthError, secret};

/// The `User-Agent` of requests that this library makes itself (RFC 9110, 10.1.5):
/// `multi-auth/<version>`.
pub const USER_AGENT: &str = concat!("multi-auth/", env!("CARGO_PKG_VERSION"));

/// Header fields with constant values, such as the `User-Agent` or `Accept` that a vendor requires.
///
/// ```
/// use multi_auth::ConstantHeaders;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let headers = ConstantHeaders::new()
///     .with("user-agent", "acme/1")?
///     .with("accept", "application/vnd.acme+json")?;
///
/// let mut request = http::HeaderMap::new();
/// headers.add_to(&mut request);
/// assert_eq!(request["user-agent"], "acme/1");
///
/// ConstantHeaders::new().with("authorization", "Bearer k-1").expect_err("that is a credential");
/// # Ok(())
/// # }
/// ```
///
/// A credential is refused: bind it to an origin, so that it reaches no other. `Debug` prints only
/// names.
#[derive(Clone, Default)]
pub struct ConstantHeaders(HeaderMap);

impl ConstantHeaders {
    /// No fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the field `name` with `value`. Replaces an earlier one of this name.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if:
    ///
    /// - `name` is not a field name (RFC 9110, 5.1);
    /// - `name` is that of a credential: `Authorization`, `Cookie`, or one that ends in a word such
    ///   as `key` or `token`;
    /// - the HTTP client or the body sets the field, such as `Host` or `Content-Type`;
    /// - `value` is not valid in a header field.
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, AuthError> {
        let name: HeaderName = name.parse().map_err(|_| AuthError::name("header name"))?;
        if is_credential(&name) {
            return Err(CREDENTIAL);
        }
        if is_set_by_the_client(&name) {
            return Err(FRAMING);
        }
        if value.is_empty() {
            let empty = crate::SecretProblem::Empty;
            return Err(AuthError::invalid_secret("header value", empty));
        }
        let value = secret::header_value(value);
        let mut value =
            value.map_err(|problem| AuthError::invalid_secret("header value", problem))?;
        // Every request has it, so HTTP/2 may index it.
        value.set_sensitive(false);
        self.0.insert(name, value);
        Ok(self)
    }

    /// Adds each field to `headers`, unless the caller set one of its name.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            // A full map stays unchanged.
            if let Ok(entry) = headers.try_entry(name) {
                entry.or_insert_with(|| value.clone());
            }
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Prints no value: it may be a key by mistake.
impl fmt::Debug for ConstantHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

const CREDENTIAL: AuthError = AuthError::unsupported(
    "a constant header field cannot carry a credential",
    "bind the credential to its origin with a keyring",
);

const FRAMING: AuthError = AuthError::unsupported(
    "a constant header field cannot be one that the HTTP client or the body sets, such as Host or Content-Type",
    "remove it: the client sets it",
);

/// Whether the last word of a name means a credential: `x-api-key`, `x-auth-token`.
fn is_credential(name: &HeaderName) -> bool {
    const WORDS: [&str; 13] = [
        "apikey",
        "auth",
        "authentication",
        "authorization",
        "cookie",
        "cookie2",
        "credential",
        "key",
        "passwd",
        "password",
        "secret",
        "session",
        "token",
    ];
    let words = name.as_str().rsplit(['-', '_', '.']);
    words.take(1).any(|word| WORDS.contains(&word))
}

/// Whether the HTTP client or the body sets the field of this name (RFC 9110, 7.6.1, 8.3 to 8.7).
fn is_set_by_the_client(name: &HeaderName) -> bool {
    const NAMES: [&str; 9] = [
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    NAMES.contains(&name.as_str()) || name.as_str().starts_with("content-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InputProblem;

    fn refused(name: &str) -> AuthError {
        ConstantHeaders::new()
            .with(name, "canary")
            .expect_err("it is refused")
    }

    #[test]
    fn credentials_and_framing_fields_are_refused() {
        for name in [
            "Authorization",
            "Proxy-Authorization",
            "Cookie",
            "Set-Cookie",
            "X-API-Key",
            "api_key",
            "apikey",
            "X-Auth-Token",
            "Ocp-Apim-Subscription-Key",
            "X-Client-Secret",
            "Host",
            "Content-Length",
            "Content-Type",
            "Transfer-Encoding",
            "Connection",
            "TE",
            "Expect",
        ] {
            let error = refused(name);
            assert!(
                matches!(error, AuthError::Invalid(InputProblem::Unsupported { .. })),
                "{name}"
            );
            assert!(!format!("{error} {error:?}").contains("canary"));
        }
        assert!(matches!(
            refused("no name"),
            AuthError::Invalid(InputProblem::Name { .. })
        ));
        for value in ["", "a\r\nhost: b", " a"] {
            let made = ConstantHeaders::new().with("accept", value);
            assert!(
                matches!(made, Err(AuthError::Invalid(InputProblem::Secret { .. }))),
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_field_of_the_caller_stays_and_debug_prints_no_value() {
        let constant = ConstantHeaders::new().with("User-Agent", "acme/1");
        let constant = constant.unwrap().with("X-Version", "canary").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", "own/1".parse().unwrap());
        constant.add_to(&mut headers);
        assert_eq!(headers["user-agent"], "own/1");
        assert_eq!(headers["x-version"], "canary");
        assert_eq!(format!("{constant:?}"), r#"{"user-agent", "x-version"}"#);
    }

    #[test]
    fn a_full_header_map_stays_unchanged() {
        let constant = ConstantHeaders::new().with("accept", "text/csv").unwrap();
        let mut headers = HeaderMap::new();
        let name = |number: u32| HeaderName::try_from(format!("x-{number}")).unwrap();
        let value = http::HeaderValue::from_static("v");
        let mut names = (0..).map(name);
        while headers
            .try_append(names.next().unwrap(), value.clone())
            .is_ok()
        {}
        let before = headers.clone();
        constant.add_to(&mut headers);
        assert_eq!(headers, before);
    }
}
