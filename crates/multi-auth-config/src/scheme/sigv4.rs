//! A signature by AWS Signature Version 4, and the scheme built from it.

use multi_auth::AuthError;
use multi_auth_sign::{AwsCredentials, SigV4, SigV4Builder};
use secrecy::ExposeSecret;

use super::Secrets;

/// The secrets that an entry may have besides the key.
pub(crate) const ACCESS_KEY_ID: &str = "access_key_id";
pub(crate) const SESSION_TOKEN: &str = "session_token";

/// A signature as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct SigV4Settings {
    pub(crate) region: String,
    pub(crate) service: String,
    /// The ID of the access key, if it is no secret of the entry.
    pub(crate) access_key_id: Option<String>,
    pub(crate) is_unsigned: bool,
}

impl SigV4Settings {
    /// Checks all that is not a secret.
    pub(crate) fn check(&self) -> Result<(), AuthError> {
        let id = self.access_key_id.as_deref().unwrap_or("AKIDEXAMPLE");
        let credentials = AwsCredentials::new(id, "any")?;
        self.builder().build(credentials).map(drop)
    }

    pub(super) fn signer(&self, secrets: &Secrets) -> Result<SigV4, AuthError> {
        let other = |name: &str| secrets.others.get(name);
        let id = other(ACCESS_KEY_ID).map(ExposeSecret::expose_secret);
        let id = self.access_key_id.as_deref().or(id).unwrap_or_default();
        let mut credentials = AwsCredentials::new(id, secrets.key.clone())?;
        if let Some(token) = other(SESSION_TOKEN) {
            credentials = credentials.with_session_token(token.clone())?;
        }
        self.builder().build(credentials)
    }

    fn builder(&self) -> SigV4Builder {
        let builder = SigV4::builder(&self.region, &self.service);
        if self.is_unsigned {
            builder.unsigned_payload()
        } else {
            builder
        }
    }
}
