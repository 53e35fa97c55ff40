//! Shares the token of a vendor with other processes.

use std::sync::Arc;

use multi_auth::{Account, AuthError, BearerBuilder, ProtectionSpace, Transport};
use multi_auth_store::{StoreKey, StoredAccount};

use super::{CredentialSettings, Secrets, identity};
use crate::store::StoreSettings;

/// The account of an entry that names none.
pub(crate) const DEFAULT_ACCOUNT: &str = "default";

/// The store of the file, and whose tokens an entry of it has.
#[derive(Clone, Debug)]
pub(crate) struct SharedTokens {
    pub(crate) store: StoreSettings,
    pub(crate) account: Option<Account>,
    pub(crate) space: ProtectionSpace,
}

impl CredentialSettings {
    /// `builder` with tokens that processes share, if the file has a store.
    ///
    /// The entry belongs to these secrets and this token request: a process with another key or
    /// other scopes has another entry.
    pub(super) fn shared(
        &self,
        builder: BearerBuilder,
        secrets: &Secrets,
        transport: &Arc<dyn Transport>,
    ) -> Result<BearerBuilder, AuthError> {
        let (Some(shared), Some(request)) = (&self.shared, self.scheme.token_request()) else {
            return Ok(builder);
        };
        let account = shared
            .account
            .as_ref()
            .map_or(DEFAULT_ACCOUNT, Account::name);
        let key = StoreKey::new(&self.name, account)?
            .with_protection_space(&shared.space)
            .with_credential(&request.into())
            .with_credential(&identity::of_headers(&self.headers).into());
        let key = secrets.all().fold(key, StoreKey::with_credential);
        let account = StoredAccount::new(shared.store.open(transport), key);
        let account = match self.token.refresh_timeout {
            Some(limit) => account.with_request_timeout(limit),
            None => account,
        };
        Ok(builder.map_source(|source| account.sharing(source)))
    }
}
