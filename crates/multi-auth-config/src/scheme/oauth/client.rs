//! How the OAuth client of an entry authenticates.

use multi_auth::oauth::Client;
use multi_auth::{AuthError, SecretString};
use multi_auth_sign::ClientAssertion;

use crate::scheme::{JwtSettings, SigningSettings};

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
    Assertion(AssertionSettings, Option<String>),
}

/// How an assertion is signed, and what it has besides the usual claims.
#[derive(Clone, Debug)]
pub(crate) enum AssertionSettings {
    Plain(SigningSettings),
    Custom(Box<JwtSettings>),
}

impl AssertionSettings {
    fn build(&self, id: &str, audience: &str, key: SecretString) -> Result<Client, AuthError> {
        let assertions = match self {
            Self::Plain(signing) => ClientAssertion::new(id, audience, signing.key(key)?)?,
            Self::Custom(jwt) => {
                let key = jwt.signing.key(key)?;
                ClientAssertion::customized(id, audience, key, |builder| jwt.customize(builder))?
            }
        };
        Client::assertion(id, assertions)
    }
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
            ClientAuthSettings::Assertion(assertion, audience) => {
                assertion.build(id, audience.as_deref().unwrap_or(server), secret)
            }
        }
    }
}
