//! The key of an entry that signs.

use multi_auth::{AuthError, SecretString};
use multi_auth_sign::{Algorithm, SigningKey};
use secrecy::ExposeSecret;

/// A signing key without its secret.
#[derive(Clone, Debug)]
pub(crate) struct SigningSettings {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
}

impl SigningSettings {
    /// The key `secret`: PEM, or the secret itself for HS256.
    pub(crate) fn key(&self, secret: SecretString) -> Result<SigningKey, AuthError> {
        let key = if self.algorithm == Algorithm::HS256 {
            SigningKey::from_secret(self.algorithm, secret.expose_secret().as_bytes())?
        } else {
            SigningKey::from_pem(self.algorithm, secret)?
        };
        Ok(match &self.key_id {
            Some(id) => key.with_key_id(id)?,
            None => key,
        })
    }
}
