//! Settings of Digest authentication.

use std::sync::Arc;

use multi_auth::AuthError;
use secrecy::SecretString;

use super::user::User;
use super::{Digest, Settings};

/// Settings of a [`Digest`], from [`Digest::builder`].
///
/// ```
/// use multi_auth_sign::Digest;
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let digest = Digest::builder().integrity().build("Mufasa", "Circle of Life")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct DigestBuilder {
    has_integrity: bool,
}

impl DigestBuilder {
    /// Covers the body with `qop=auth-int` where the server offers it, which few servers do.
    ///
    /// The adapter then gives bodies as bytes where it can. A body that is a stream is not covered
    /// if the server offers `auth` as well; otherwise the request fails. A server that does not
    /// offer `auth-int` gets `auth`.
    ///
    /// On plain http, this does not keep anyone on the path from removing `auth-int` from the
    /// server's challenge. Use https.
    #[must_use]
    pub fn integrity(self) -> Self {
        Self {
            has_integrity: true,
        }
    }

    /// Builds the authenticator.
    ///
    /// # Errors
    ///
    /// As [`Digest::new`].
    pub fn build(
        self,
        user: impl Into<SecretString>,
        password: impl Into<SecretString>,
    ) -> Result<Digest, AuthError> {
        let settings = Settings {
            user: User::new(user.into(), password.into())?,
            has_integrity: self.has_integrity,
        };
        Ok(Digest {
            settings: Arc::new(settings),
            origins: Arc::default(),
        })
    }
}
