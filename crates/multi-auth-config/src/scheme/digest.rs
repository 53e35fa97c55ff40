//! Digest authentication, and the scheme built from it.

use multi_auth::{AuthError, SecretString};
use multi_auth_sign::Digest;
use secrecy::ExposeSecret;

use super::Secrets;
use crate::document::DigestTable;

/// Digest authentication as an entry describes it.
#[derive(Clone, Debug)]
pub(crate) struct DigestSettings {
    pub(crate) user: SecretString,
    pub(crate) table: DigestTable,
}

impl DigestSettings {
    pub(super) fn authenticator(&self, secrets: Secrets) -> Result<Digest, AuthError> {
        let mut builder = Digest::builder();
        if self.table.integrity {
            builder = builder.integrity();
        }
        #[cfg(feature = "md5")]
        if self.table.dangerous_md5 {
            builder = builder.dangerous_md5();
        }
        builder.build(self.user.expose_secret(), secrets.key)
    }
}
