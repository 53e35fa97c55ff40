//! One vendor's credential alone, for a look at it.

use std::sync::Arc;

use multi_auth::{AuthError, Bearer, Keyring, TokenSnapshot, Transport};

use super::{Vendor, wrapping};
use crate::{Advice, ConfigError};

/// One vendor's credential alone, for a look at it, from [`Vendor::open`].
#[derive(Debug)]
pub struct Opened {
    keyring: Keyring,
    token: Option<Bearer>,
    sends: Vec<String>,
    findings: Vec<Advice>,
}

impl Vendor {
    /// Reads the secret from where it is, and makes the credential of it. An exchange goes through `transport`.
    ///
    /// # Errors
    ///
    /// As [`Config::keyring`](crate::Config::keyring).
    pub async fn open(&self, transport: impl Transport + 'static) -> Result<Opened, ConfigError> {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let secret = self.read_secret(&transport).await?;
        let findings = wrapping::around(&secret).into_iter().collect();
        let made = self.made(secret, &transport)?;
        let places = made.authenticator.placements();
        let keyring = self.bind(Keyring::builder(), made.authenticator)?.build();
        Ok(Opened {
            keyring,
            token: made.token,
            findings,
            sends: places.iter().map(ToString::to_string).collect(),
        })
    }
}

impl Opened {
    /// A keyring with this credential alone.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The token's state, where the credential is a token.
    #[must_use]
    pub fn token(&self) -> Option<TokenSnapshot> {
        self.token.as_ref().map(Bearer::snapshot)
    }

    /// Obtains the token now, where the credential is one.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being had.
    pub async fn obtain(&self) -> Result<(), AuthError> {
        match &self.token {
            Some(token) => token.renew().await,
            None => Ok(()),
        }
    }

    /// What looks wrong with the key though it can be sent, as quotes around it.
    #[must_use]
    pub fn findings(&self) -> &[Advice] {
        &self.findings
    }

    /// What is put on requests, without the secret, as in `Authorization: Bearer ****`.
    #[must_use]
    pub fn sends(&self) -> &[String] {
        &self.sends
    }
}
