//! The key to which the tokens of an entry are bound.

use multi_auth::AuthError;
use multi_auth_sign::Dpop;

use super::{Secrets, SigningSettings};

/// DPoP as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct DpopSettings {
    pub(crate) signing: SigningSettings,
}

/// The name of the key among the secrets of an entry. A name in the table `secrets` has no dot.
pub(crate) const DPOP_KEY: &str = "dpop.key";

impl DpopSettings {
    pub(crate) fn build(&self, secrets: &Secrets) -> Result<Dpop, AuthError> {
        let key = secrets.others.get(DPOP_KEY).cloned().unwrap_or_default();
        Ok(Dpop::new(self.signing.key(key)?)?)
    }
}
