//! A signature for Azure Storage, and the scheme built from it.

use multi_auth::{AuthError, SecretString};
use multi_auth_sign::{AzureSharedKey, AzureSharedKeyBuilder};

use super::Secrets;

/// A signature as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct AzureSettings {
    pub(crate) account: String,
    pub(crate) is_table: bool,
    pub(crate) version: Option<String>,
}

/// Base64 in place of a key that is not read yet.
const EXAMPLE: &str = "YW55";

impl AzureSettings {
    /// Checks all that is not a secret.
    pub(crate) fn check(&self) -> Result<(), AuthError> {
        self.builder(EXAMPLE.into()).build().map(drop)
    }

    pub(super) fn signer(&self, secrets: Secrets) -> Result<AzureSharedKey, AuthError> {
        self.builder(secrets.key).build()
    }

    fn builder(&self, key: SecretString) -> AzureSharedKeyBuilder {
        let mut builder = AzureSharedKey::builder(&self.account, key);
        if self.is_table {
            builder = builder.table();
        }
        match &self.version {
            Some(version) => builder.version(version),
            None => builder,
        }
    }
}
