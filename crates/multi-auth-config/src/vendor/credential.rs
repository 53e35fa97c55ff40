//! The credential of one vendor, for checks.

use std::sync::Arc;

use futures_util::future::join_all;
use multi_auth::{
    AuthError, Bearer, Keyring, Placement, ProtectionSpace, TokenSnapshot, Transport,
};

use super::also::together;
use super::{Vendor, wrapping};
use crate::scheme::VendorAuthenticator;
use crate::{Advice, ConfigError};

/// The credential of one vendor, for checks, from [`Vendor::load`].
#[derive(Debug)]
pub struct VendorCredential {
    keyring: Keyring,
    verification: Verification,
    tokens: Vec<Bearer>,
    sends: Vec<String>,
    findings: Vec<Advice>,
}

/// Where the credential is verified.
#[derive(Debug)]
enum Verification {
    /// At this URL, if there is one.
    At(Option<String>),
    /// At this path below the base URL of the binding at a protection space.
    Below(ProtectionSpace, String),
}

impl Verification {
    fn of(vendor: &Vendor) -> Self {
        match (vendor.spaces.first(), &vendor.path_below_base_url) {
            (Some(space), Some(path)) => Self::Below(space.clone(), path.clone()),
            _ => Self::At(vendor.verification.clone()),
        }
    }
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
        let sends = parts.iter().zip(&made).flat_map(|(part, made)| {
            if part.constant.is_some() || part.credential.scheme.signs_requests() {
                part.sends_alone()
            } else {
                shown(&made.authenticator.placements())
            }
        });
        let sends = sends.collect();
        let tokens = made.iter().filter_map(|made| made.token.clone()).collect();
        let made = made.into_iter().map(|made| made.authenticator);
        let builder = match together(self, made) {
            Some(made) => self.bind(Keyring::builder(), made)?,
            None => Keyring::builder(),
        };
        Ok(VendorCredential {
            keyring: builder.build(),
            verification: Verification::of(self),
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

    /// The URL to request with GET to verify the credential, if there is one. Obtains a token if
    /// its response names the base URL.
    ///
    /// # Errors
    ///
    /// Why no token was obtained.
    pub async fn verification(&self) -> Result<Option<String>, AuthError> {
        let (space, path) = match &self.verification {
            Verification::At(url) => return Ok(url.clone()),
            Verification::Below(space, path) => (space, path),
        };
        let base = self.keyring.base_url(space).await?;
        Ok(base.map(|base| format!("{}{path}", base.as_str().trim_end_matches('/'))))
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
