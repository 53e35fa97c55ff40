//! The key of an entry that signs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use multi_auth::{AuthError, SecretProblem, SecretString};
use multi_auth_sign::{Algorithm, SigningKey};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::document::KeyEncoding;

/// A signing key without its secret.
#[derive(Clone, Debug)]
pub(crate) struct SigningSettings {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    /// How the secret of HS256 is written.
    pub(crate) encoding: KeyEncoding,
}

impl SigningSettings {
    /// The key `secret`: PEM or a JWK, or the secret of HS256.
    pub(crate) fn key(&self, secret: SecretString) -> Result<SigningKey, AuthError> {
        let is_jwk = secret.expose_secret().trim_start().starts_with('{');
        let key = if self.algorithm == Algorithm::HS256 {
            let bytes = decoded(self.encoding, &secret)?;
            SigningKey::from_secret(self.algorithm, &bytes)?
        } else if is_jwk {
            SigningKey::from_jwk(self.algorithm, secret)?
        } else {
            SigningKey::from_pem(self.algorithm, secret)?
        };
        Ok(match &self.key_id {
            Some(id) => key.with_key_id(id)?,
            None => key,
        })
    }
}

/// The bytes of the secret `text`.
pub(super) fn decoded(
    encoding: KeyEncoding,
    text: &SecretString,
) -> Result<Zeroizing<Vec<u8>>, AuthError> {
    let text = text.expose_secret();
    let decoded = match encoding {
        KeyEncoding::Text => Some(text.as_bytes().to_vec()),
        KeyEncoding::Hex => hex::decode(text).ok(),
        KeyEncoding::Base64 => STANDARD.decode(text).ok(),
        KeyEncoding::Base64url => URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok(),
    };
    let wrong = || AuthError::invalid_secret("signing key", SecretProblem::OtherEncoding);
    decoded.map(Zeroizing::new).ok_or_else(wrong)
}
