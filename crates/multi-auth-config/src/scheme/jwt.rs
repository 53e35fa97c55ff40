//! The JWT that an entry describes, and the token source that signs it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use multi_auth::{AuthError, SecretString};
use multi_auth_sign::{Jwt, JwtBuilder, JwtSource, SignError};
use serde_json::{Map, Value};

use super::SigningSettings;

/// Stands for the hash of the public key in `issuer`, which Snowflake requires.
const FINGERPRINT: &str = "{public_key_sha256}";

/// A JWT as an entry describes it. It holds no secret.
#[derive(Clone)]
pub(crate) struct JwtSettings {
    pub(crate) signing: SigningSettings,
    pub(crate) issuer: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) lifetime: Option<Duration>,
    pub(crate) backdated_by: Option<Duration>,
    pub(crate) random_id: bool,
    pub(crate) not_before: bool,
    pub(crate) claims: Map<String, Value>,
    pub(crate) header: BTreeMap<String, String>,
}

impl JwtSettings {
    /// Checks the description. The key is not known yet.
    pub(crate) fn check(&self) -> Result<(), SignError> {
        self.describe("").map(drop)
    }

    /// The source that signs with the key `secret`.
    pub(crate) fn source(&self, secret: SecretString) -> Result<JwtSource, AuthError> {
        let key = self.signing.key(secret)?;
        let fingerprint = key.public_key_sha256().unwrap_or_default();
        let jwt = self.describe(&fingerprint)?;
        Ok(JwtSource::new(jwt, key))
    }

    fn describe(&self, fingerprint: &str) -> Result<Jwt, SignError> {
        let mut jwt = Jwt::builder();
        if let Some(issuer) = &self.issuer {
            jwt = jwt.issuer(&issuer.replace(FINGERPRINT, fingerprint));
        }
        if let Some(subject) = &self.subject {
            jwt = jwt.subject(subject);
        }
        if let Some(audience) = &self.audience {
            jwt = jwt.audience(audience);
        }
        if self.random_id {
            jwt = jwt.random_id();
        }
        self.customize(jwt).build()
    }

    /// Adds all but issuer, subject, audience and ID to `jwt`.
    pub(super) fn customize(&self, mut jwt: JwtBuilder) -> JwtBuilder {
        if let Some(lifetime) = self.lifetime {
            jwt = jwt.lifetime(lifetime);
        }
        if self.not_before {
            jwt = jwt.not_before();
        }
        if let Some(leeway) = self.backdated_by {
            jwt = jwt.backdated_by(leeway);
        }
        for (name, value) in &self.claims {
            jwt = jwt.claim(name, value.clone());
        }
        for (name, value) in &self.header {
            jwt = jwt.header(name, value.as_str());
        }
        jwt
    }
}

/// Hides the claims: they may hold a secret, although the documentation forbids it.
impl fmt::Debug for JwtSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtSettings")
            .field("signing", &self.signing)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
