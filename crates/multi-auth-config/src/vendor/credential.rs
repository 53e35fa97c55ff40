//! The credential of one vendor, for checks.

use std::sync::Arc;

use futures_util::future::join_all;
use multi_auth::{AuthError, Bearer, Keyring, Placement, TokenSnapshot, Transport};

use super::also::together;
use super::{Vendor, wrapping};
use crate::scheme::VendorAuthenticator;
use crate::{Advice, ConfigError};

/// The credential of one vendor, for checks, from [`Vendor::load`].
#[derive(Debug)]
pub struct VendorCredential {
    keyring: Keyring,
    tokens: Vec<Bearer>,
    sends: Vec<String>,
    findings: Vec<Advice>,
}

impl Vendor {
    /// Reads the key and builds the credential. Token requests go through `transport`.
    ///
    /// # Errors
    ///
    /// As [`Config::keyring`](crate::Config::keyring).
    pub async fn load(
        &self,
        transport: impl Transport + 'static,
    ) -> Result<VendorCredential, ConfigError> {
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let parts: Vec<_> = self.parts().collect();
        let read = parts.iter().map(|part| part.load_alone(&transport));
        let (made, findings): (Vec<_>, Vec<_>) =
            ConfigError::all(join_all(read).await)?.into_iter().unzip();
        let findings = findings.into_iter().flatten().collect();
        let sends = parts
            .iter()
            .zip(&made)
            .flat_map(|(part, made)| match &part.constant {
                Some(_) => part.sends_alone().into_iter().collect(),
                None => shown(&made.authenticator.placements()),
            });
        let sends = sends.collect();
        let tokens = made.iter().filter_map(|made| made.token.clone()).collect();
        let made = made.into_iter().map(|made| made.authenticator);
        let builder = match together(made) {
            Some(made) => self.bind(Keyring::builder(), made)?,
            None => Keyring::builder(),
        };
        Ok(VendorCredential {
            keyring: builder.build(),
            tokens,
            findings,
            sends,
        })
    }
}

fn shown(placements: &[Placement]) -> Vec<String> {
    placements.iter().map(ToString::to_string).collect()
}

impl Vendor {
    /// The authenticator of its own credential, and findings about its key.
    async fn load_alone(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<(VendorAuthenticator, Option<Advice>), ConfigError> {
        if let Some(own) = self.own() {
            return Ok((VendorAuthenticator::from(own?), None));
        }
        let secrets = self.read_secrets(transport).await?;
        let finding = secrets.all().find_map(wrapping::around);
        Ok((self.made(secrets, transport)?, finding))
    }
}

impl VendorCredential {
    /// A keyring with only this credential.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The state of the token, if the credential is one.
    #[must_use]
    pub fn token(&self) -> Option<TokenSnapshot> {
        self.tokens.first().map(Bearer::snapshot)
    }

    /// Obtains the token now, if the credential is one.
    ///
    /// # Errors
    ///
    /// [`AuthError`] with the reason why there is no token.
    pub async fn obtain(&self) -> Result<(), AuthError> {
        for token in &self.tokens {
            token.refresh().await?;
        }
        Ok(())
    }

    /// What looks wrong with a key that can be sent, such as quotes around it.
    #[must_use]
    pub fn findings(&self) -> &[Advice] {
        &self.findings
    }

    /// What is sent, with `****` for a secret, as in `Authorization: Bearer ****`.
    #[must_use]
    pub fn sends(&self) -> &[String] {
        &self.sends
    }
}
