//! A key sent as it is: `X-API-Key: <key>`, `Authorization: <key>`, `?api_key=<key>`.
//!
//! ```
//! use multi_auth::{ApiKey, Placement};
//!
//! # fn main() -> Result<(), multi_auth::AuthError> {
//! ApiKey::header("x-api-key", "k-123")?;  // x-api-key: k-123
//! ApiKey::authorization("k-123")?;        // Authorization: k-123
//! ApiKey::query("api_key", "k-123")?;     // ?api_key=k-123
//! ApiKey::new(Placement::authorization().with_prefix("SSWS ")?, "k-123")?; // Authorization: SSWS k-123
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use secrecy::SecretString;

use super::fixed::FixedKey;
use crate::{AuthError, Authenticator, Clock, Credential, Placement, RequestHead};

/// A key sent as it is, in a header field, a query parameter or a cookie.
#[derive(Clone, Debug)]
pub struct ApiKey(FixedKey);

impl ApiKey {
    /// A key in any placement.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `key` is empty or cannot be sent in that place: a line break, a
    /// control character, a character outside ASCII.
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

    /// The same key with its expiry date at the vendor.
    ///
    /// From then on requests fail at once with [`AuthError::KeyExpired`], and the key is not sent.
    #[must_use]
    pub fn with_expiry(self, expiry: SystemTime) -> Self {
        Self(self.0.with_expiry(expiry))
    }

    /// The same key, whose expiry is compared with `clock`.
    #[must_use]
    pub fn with_clock(self, clock: Arc<dyn Clock>) -> Self {
        Self(self.0.with_clock(clock))
    }

    /// The same key; errors call it `what`.
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
