//! The refresh token of an account while its source holds the lease.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use multi_auth::oauth::RefreshTokenStore;
use multi_auth::{AuthError, SecretString, Token};
use secrecy::ExposeSecret;
use tokio::time::sleep;

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
    /// When the lease ends if it is not extended.
    until: Instant,
}

impl Session {
    pub(super) fn new(account: StoredAccount) -> Self {
        Self {
            account,
            held: Mutex::default(),
        }
    }

    /// Begins a token request under `lease`, which is valid until `until`.
    pub(super) fn begin(&self, lease: Lease, stored: Stored, until: Instant) {
        *self.held() = Some(Held {
            lease: Arc::new(lease),
            stored,
            until,
        });
    }

    /// Whether the lease is still valid: a process may be stopped at any point.
    pub(super) fn is_leased(&self) -> bool {
        let held = self.held();
        held.as_ref()
            .is_some_and(|held| self.account.clock.monotonic() < held.until)
    }

    /// Extends the lease from time to time, until this future is dropped.
    pub(super) async fn keep_lease(&self) {
        let limits = self.account.limits;
        loop {
            sleep(limits.extension()).await;
            let Some(lease) = self.held().as_ref().map(|held| Arc::clone(&held.lease)) else {
                return;
            };
            let now = self.account.clock.monotonic();
            let extended = self.account.store.extend(&lease, limits.lease()).await;
            // Without an answer, the lease may still be valid until it would have ended.
            let Ok(is_extended) = extended else {
                continue;
            };
            if let Some(held) = &mut *self.held() {
                held.until = if is_extended {
                    now + limits.lease()
                } else {
                    now
                };
            }
        }
    }

    /// How many token requests have failed since the entry was published.
    pub(super) fn failures(&self) -> u32 {
        self.held().as_ref().map_or(0, |held| held.stored.failures)
    }

    /// Stores the access token, gives the lease back, and returns the revision. Without a lease, or
    /// if the entry is newer, nothing is stored.
    pub(super) async fn publish_access_token(
        &self,
        token: Token,
    ) -> Result<Option<u64>, StoreError> {
        let Some((lease, stored)) = self.end() else {
            return Ok(None);
        };
        let tokens = stored.tokens.with_access_token(token);
        let store = &self.account.store;
        let published = store.publish_and_release(lease, stored.revision, &tokens);
        Ok(match published.await? {
            Published::Stored(revision) => Some(revision),
            Published::Conflict => None,
        })
    }

    /// Ends the token request, and returns its lease and the entry.
    pub(super) fn end(&self) -> Option<(Lease, Stored)> {
        let held = self.held().take()?;
        Some((Arc::into_inner(held.lease)?, held.stored))
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
        let tokens = held.stored.tokens.without_access_token();
        self.publish(held, tokens.with_refresh_token(new)).await?;
        Ok(())
    }

    async fn publish(&self, held: Held, tokens: StoredTokens) -> Result<u64, StoreError> {
        let revision = held.stored.revision;
        let store = &self.account.store;
        match store.publish(&held.lease, revision, &tokens).await? {
            Published::Stored(revision) => {
                if let Some(held) = &mut *self.held() {
                    held.stored = Stored {
                        revision,
                        tokens,
                        ..Stored::default()
                    };
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
        if let Some(unreadable) = held.stored.unreadable {
            return Err(self.0.account.error(unreadable.into()).into());
        }
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
