//! The refresh token of an account while its source holds the lease.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use multi_auth::oauth::RefreshTokenStore;
use multi_auth::{AuthError, SecretString};
use secrecy::ExposeSecret;

use super::StoredAccount;
use crate::{Lease, Published, StoreError, StoreProblem, Stored, StoredTokens};

/// The refresh token of a [`StoredAccount`], for
/// [`Grant::refresh_token`](multi_auth::oauth::Grant::refresh_token).
///
/// It works only within the token source of [`StoredAccount::refreshing`], which holds the lease
/// during a token request.
pub struct RefreshTokens(Arc<Session>);

/// An account, and the lease during a token request.
pub(super) struct Session {
    pub(super) account: StoredAccount,
    held: Mutex<Option<Held>>,
}

#[derive(Clone)]
struct Held {
    lease: Arc<Lease>,
    stored: Stored,
}

impl Session {
    pub(super) fn new(account: StoredAccount) -> Self {
        Self {
            account,
            held: Mutex::default(),
        }
    }

    /// Begins a token request under `lease`.
    pub(super) fn begin(&self, lease: Lease, stored: Stored) {
        *self.held() = Some(Held {
            lease: Arc::new(lease),
            stored,
        });
    }

    /// Stores the access token, and returns its revision. Without a lease, nothing is stored.
    pub(super) async fn publish_access_token(
        &self,
        token: multi_auth::Token,
    ) -> Result<Option<u64>, StoreError> {
        let Some(held) = self.held().clone() else {
            return Ok(None);
        };
        let tokens = held.stored.tokens.clone().with_access_token(token);
        self.publish(held, tokens).await.map(Some)
    }

    /// Ends the token request, and returns its lease.
    pub(super) fn end(&self) -> Option<Lease> {
        let held = self.held().take()?;
        Arc::into_inner(held.lease)
    }

    /// Stores `new` in place of `used`. A login may have replaced `used` in the meantime: its token
    /// is the newer one.
    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), StoreError> {
        let Some(held) = self.held().clone() else {
            return Err(self.account.error(StoreProblem::NotLeased));
        };
        let current = held.stored.tokens.refresh_token();
        if current.map(ExposeSecret::expose_secret) != Some(used.expose_secret()) {
            return Ok(());
        }
        let tokens = held.stored.tokens.clone().without_access_token();
        self.publish(held, tokens.with_refresh_token(new)).await?;
        Ok(())
    }

    async fn publish(&self, held: Held, tokens: StoredTokens) -> Result<u64, StoreError> {
        let revision = held.stored.revision;
        let store = &self.account.store;
        match store.publish(&held.lease, revision, &tokens).await? {
            Published::Stored(revision) => {
                if let Some(held) = &mut *self.held() {
                    held.stored = Stored { revision, tokens };
                }
                Ok(revision)
            }
            Published::Conflict => Err(self.account.error(StoreProblem::Conflict)),
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RefreshTokens {
    pub(super) fn new(session: Arc<Session>) -> Self {
        Self(session)
    }
}

#[async_trait]
impl RefreshTokenStore for RefreshTokens {
    async fn load(&self) -> Result<SecretString, AuthError> {
        let Some(held) = self.0.held().clone() else {
            return Err(self.0.account.error(StoreProblem::NotLeased).into());
        };
        let token = held.stored.tokens.refresh_token().cloned();
        Ok(token.ok_or_else(|| self.0.account.error(StoreProblem::NotLoggedIn))?)
    }

    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), AuthError> {
        Ok(self.0.replace(used, new).await?)
    }
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RefreshTokens")
            .field(&self.0.account.key)
            .finish()
    }
}
