//! How the OAuth client of an entry authenticates.

use multi_auth::oauth::Client;
use multi_auth::{AuthError, SecretString};
use multi_auth_sign::ClientAssertion;

use crate::scheme::SigningSettings;

/// An OAuth client without its secret.
#[derive(Clone, Debug)]
pub(crate) struct ClientSettings {
    pub(crate) id: String,
    pub(crate) auth: ClientAuthSettings,
}

/// How an OAuth client authenticates.
#[derive(Clone, Debug)]
pub(crate) enum ClientAuthSettings {
    Basic,
    BasicUnencoded,
    Post,
    None,
    /// With a JWT. The audience is not that of the server if there is one.
    Assertion(SigningSettings, Option<String>),
}

impl ClientSettings {
    /// The client with this `secret`: its password, or its private key. An assertion is for
    /// `server`.
    pub(crate) fn build(&self, secret: SecretString, server: &str) -> Result<Client, AuthError> {
        let id = &self.id;
        match &self.auth {
            ClientAuthSettings::Basic => Client::secret_basic(id, secret),
            ClientAuthSettings::BasicUnencoded => Client::secret_basic_unencoded(id, secret),
            ClientAuthSettings::Post => Client::secret_post(id, secret),
            ClientAuthSettings::None => Client::public(id),
            ClientAuthSettings::Assertion(signing, audience) => {
                let audience = audience.as_deref().unwrap_or(server);
                let assertions = ClientAssertion::new(id, audience, signing.key(secret)?)?;
                Client::assertion(id, assertions)
            }
        }
    }
}
