//! Settings of Digest authentication.

use std::sync::Arc;

use multi_auth::AuthError;
use secrecy::SecretString;

use super::challenge::Choices;
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
pub struct DigestBuilder(Choices);

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
        Self(Choices {
            has_integrity: true,
            ..self.0
        })
    }

    /// Answers a server that offers nothing better with MD5, which is weak. Many devices offer
    /// nothing else.
    #[cfg(feature = "md5")]
    #[must_use]
    pub fn dangerous_md5(self) -> Self {
        Self(Choices {
            allows_md5: true,
            ..self.0
        })
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
            choices: self.0,
        };
        Ok(Digest {
            settings: Arc::new(settings),
            origins: Arc::default(),
        })
    }
}
