//! Stores the refresh token between token requests.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::AuthError;

/// Stores the refresh token of [`Grant::refresh_token`](super::Grant::refresh_token).
///
/// A server may return a new refresh token and revoke the old one (RFC 6749, 6). The token endpoint
/// calls [`replace`](Self::replace) before it returns the access token. If that fails, the token
/// request fails too, because only a new login can replace a lost refresh token. The next token
/// request calls `replace` again before it is sent.
///
/// `replace` runs on a separate task, if there is a Tokio runtime: it continues if the caller
/// goes away or its time limit passes.
///
/// ```
/// use async_trait::async_trait;
/// use multi_auth::oauth::{Grant, RefreshTokenStore};
/// use multi_auth::{AuthError, SecretString};
///
/// /// Stores the refresh token in a file that only this user can read.
/// #[derive(Debug)]
/// struct InFile(std::path::PathBuf);
///
/// #[async_trait]
/// impl RefreshTokenStore for InFile {
///     async fn load(&self) -> Result<SecretString, AuthError> {
///         let text = std::fs::read_to_string(&self.0).map_err(AuthError::permanent)?;
///         Ok(text.into())
///     }
///
///     async fn replace(&self, _: &SecretString, new: SecretString) -> Result<(), AuthError> {
/// #       fn write(_: &std::path::Path, _: &SecretString) -> std::io::Result<()> { Ok(()) }
///         write(&self.0, &new).map_err(AuthError::permanent)
///     }
/// }
///
/// let grant = Grant::refresh_token(InFile("/var/lib/my-app/refresh-token".into()));
/// ```
///
/// [`InMemory`] stores it until the process ends. The crate `multi-auth-store` has stores that
/// several processes share.
#[async_trait]
pub trait RefreshTokenStore: fmt::Debug + Send + Sync {
    /// Returns the current refresh token.
    ///
    /// # Errors
    ///
    /// Why it is not available: [`AuthError::permanent`] and [`AuthError::transient`] wrap errors
    /// of your own.
    async fn load(&self) -> Result<SecretString, AuthError>;

    /// Stores `new` in place of `used`. Return only once `new` is stored durably: the server may
    /// already have revoked `used`.
    ///
    /// # Errors
    ///
    /// Why `new` was not stored. The access token of the same response is then not used.
    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), AuthError>;
}

/// Stores a refresh token in memory, and wipes it when it is replaced or dropped.
///
/// Use it for a refresh token that its server never replaces. A replaced one is lost when the
/// process ends.
///
/// ```
/// use multi_auth::oauth::{Grant, InMemory};
///
/// let grant = Grant::refresh_token(InMemory::new("r-123"));
/// ```
pub struct InMemory(Mutex<SecretString>);

impl InMemory {
    /// Starts with `token`.
    pub fn new(token: impl Into<SecretString>) -> Self {
        Self(Mutex::new(token.into()))
    }
}

#[async_trait]
impl RefreshTokenStore for InMemory {
    async fn load(&self) -> Result<SecretString, AuthError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone())
    }

    /// Changes nothing if another call has replaced `used` in the meantime.
    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), AuthError> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if current.expose_secret() == used.expose_secret() {
            *current = new;
        }
        Ok(())
    }
}

impl fmt::Debug for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InMemory")
    }
}
