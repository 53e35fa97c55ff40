//! API keys, sent unchanged: `X-API-Key: <key>`, `Authorization: <key>`, `?api_key=<key>`.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use secrecy::SecretString;

use super::fixed::FixedKey;
use crate::{AuthError, Authenticator, Clock, Credential, Placement, RequestHead};

/// An API key, sent unchanged in a header field, a query parameter or a cookie.
///
/// ```
/// use multi_auth::{ApiKey, Placement};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// ApiKey::header("x-api-key", "k-123")?;  // x-api-key: k-123
/// ApiKey::authorization("k-123")?;        // Authorization: k-123
/// ApiKey::query("api_key", "k-123")?;     // ?api_key=k-123
/// let prefixed = Placement::authorization().with_prefix("SSWS ")?;
/// ApiKey::new(prefixed, "k-123")?;        // Authorization: SSWS k-123
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ApiKey(FixedKey);

impl ApiKey {
    /// A key in any placement.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `key` is empty or has a character that is not valid in that place,
    /// such as a line break or a character outside ASCII.
    pub fn new(placement: Placement, key: impl Into<SecretString>) -> Result<Self, AuthError> {
        FixedKey::new("API key", placement, &key.into()).map(Self)
    }

    /// A key in the header field `name`.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is not a field name, and as [`new`](Self::new).
    pub fn header(name: &str, key: impl Into<SecretString>) -> Result<Self, AuthError> {
        Self::new(Placement::header(name)?, key)
    }

    /// A bare key in the `Authorization` field.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn authorization(key: impl Into<SecretString>) -> Result<Self, AuthError> {
        Self::new(Placement::authorization(), key)
    }

    /// A key in a query parameter.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is empty, and as [`new`](Self::new).
    pub fn query(name: &str, key: impl Into<SecretString>) -> Result<Self, AuthError> {
        Self::new(Placement::query(name)?, key)
    }

    /// A key in a cookie.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `name` is not a cookie name, and as [`new`](Self::new).
    pub fn cookie(name: &str, key: impl Into<SecretString>) -> Result<Self, AuthError> {
        Self::new(Placement::cookie(name)?, key)
    }

    /// Sets the expiry date of the key at the vendor.
    ///
    /// From that time on, the key is not sent, and requests fail with [`AuthError::KeyExpired`].
    #[must_use]
    pub fn with_expiry(self, expiry: SystemTime) -> Self {
        Self(self.0.with_expiry(expiry))
    }

    /// Sets the clock for the expiry date. Default: [`SystemClock`](crate::SystemClock).
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// Sets the name of the key in errors.
    pub(crate) fn named(self, what: &'static str) -> Self {
        Self(self.0.named(what))
    }
}

#[async_trait]
impl Authenticator for ApiKey {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        Some(self.0.ready(request))
    }

    fn placements(&self) -> Vec<Placement> {
        vec![self.0.placement().clone()]
    }
}
