//! An HTTP message signature, and the scheme built from it.

use std::time::Duration;

use multi_auth::AuthError;
use multi_auth_sign::{Algorithm, HttpSignature, HttpSignatureBuilder, SignError, SigningKey};

use super::{Secrets, SigningSettings};

/// A signature as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct HttpSignatureSettings {
    pub(crate) signing: SigningSettings,
    pub(crate) components: Option<Vec<String>>,
    pub(crate) optional_components: Vec<String>,
    pub(crate) label: Option<String>,
    pub(crate) tag: Option<String>,
    pub(crate) expires_after: Option<Duration>,
    pub(crate) has_nonce: bool,
    pub(crate) has_algorithm: bool,
    pub(crate) is_sha512: bool,
    pub(crate) signature_agent: Option<String>,
}

/// The key of RFC 8037, A.1, in place of one that is not read yet.
const EXAMPLE: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

impl HttpSignatureSettings {
    /// Checks all that is not a secret.
    pub(crate) fn check(&self) -> Result<(), SignError> {
        let key = SigningKey::from_jwk(Algorithm::EdDSA, EXAMPLE)?;
        let key = match &self.signing.key_id {
            Some(id) => key.with_key_id(id)?,
            None => key,
        };
        self.builder(key).build().map(drop)
    }

    pub(super) fn signer(&self, secrets: Secrets) -> Result<HttpSignature, AuthError> {
        let key = self.signing.key(secrets.key)?;
        Ok(self.builder(key).build()?)
    }

    fn builder(&self, key: SigningKey) -> HttpSignatureBuilder {
        let mut builder = match &self.signature_agent {
            Some(agent) => HttpSignature::web_bot_auth(key, agent),
            None => HttpSignature::builder(key),
        };
        if let Some(components) = &self.components {
            builder = builder.components(components);
        }
        builder = builder.optional_components(&self.optional_components);
        if let Some(label) = &self.label {
            builder = builder.label(label);
        }
        if let Some(tag) = &self.tag {
            builder = builder.tag(tag);
        }
        if let Some(lifetime) = self.expires_after {
            builder = builder.expires_after(lifetime);
        }
        if self.has_nonce {
            builder = builder.nonce();
        }
        if self.has_algorithm {
            builder = builder.algorithm_parameter();
        }
        if self.is_sha512 {
            builder = builder.content_digest_sha512();
        }
        builder
    }
}
