//! How the OAuth client of an entry authenticates.

use multi_auth::oauth::Client;
use multi_auth::{AuthError, SecretString};
use multi_auth_sign::{Algorithm, ClientAssertion, SigningKey};
use secrecy::ExposeSecret;

use crate::document::ClientAuth;

/// An OAuth client without its secret.
#[derive(Clone, Debug)]
pub(crate) struct ClientSettings {
    /// Empty for a grant that identifies the client.
    pub(crate) id: String,
    pub(crate) auth: ClientAuth,
    /// The algorithm of `private_key_jwt`.
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    /// Whom an assertion is for, if the server wants something else than its issuer or token
    /// endpoint.
    pub(crate) audience: Option<String>,
}

impl ClientSettings {
    /// The client with this `secret`: its password, or its private key. An assertion is for
    /// `server`.
    pub(crate) fn build(&self, secret: SecretString, server: &str) -> Result<Client, AuthError> {
        let id = &self.id;
        match self.auth {
            ClientAuth::Basic => Client::secret_basic(id, secret),
            ClientAuth::BasicUnencoded => Client::secret_basic_unencoded(id, secret),
            ClientAuth::Post => Client::secret_post(id, secret),
            ClientAuth::None => Client::public(id),
            ClientAuth::PrivateKeyJwt => {
                self.with_assertion(SigningKey::from_pem(self.algorithm, secret)?, server)
            }
            ClientAuth::SecretJwt => {
                let secret = secret.expose_secret().as_bytes();
                self.with_assertion(SigningKey::from_secret(Algorithm::HS256, secret)?, server)
            }
        }
    }

    /// The client of a grant that identifies it: its ID, if the server wants it.
    pub(crate) fn without_secret(&self) -> Result<Client, AuthError> {
        if self.id.is_empty() {
            return Ok(Client::anonymous());
        }
        Client::public(&self.id)
    }

    fn with_assertion(&self, key: SigningKey, server: &str) -> Result<Client, AuthError> {
        let key = match &self.key_id {
            Some(id) => key.with_key_id(id)?,
            None => key,
        };
        let audience = self.audience.as_deref().unwrap_or(server);
        Client::assertion(&self.id, ClientAssertion::new(&self.id, audience, key)?)
    }
}
