//! The refresh token of an account while its source holds the lease.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::oauth::RefreshTokenStore;
use multi_auth::{AuthError, SecretString};
use secrecy::ExposeSecret;
use tokio::time::sleep;

use super::session::{Held, Session};
use crate::{Published, StoreError, StoreProblem, Stored, StoredTokens};

/// The refresh token of a [`StoredAccount`](super::StoredAccount), for
/// [`Grant::refresh_token`](multi_auth::oauth::Grant::refresh_token).
///
/// It works only within the token source of
/// [`StoredAccount::refreshing`](super::StoredAccount::refreshing), which holds the lease during a
/// token request.
pub struct RefreshTokens(Arc<Session>);

/// How many times a process tries to store a new refresh token, about once a second. No other
/// process has this token.
const ATTEMPTS: u32 = 600;

const PAUSE: Duration = Duration::from_secs(1);

impl Session {
    /// Stores `new` in place of `used`. A login may have replaced `used` in the meantime: its token
    /// is the newer one.
    ///
    /// While a server does not answer, this keeps the lease and tries again: without it, another
    /// process would present `used` again, and the server would revoke both.
    async fn replace(&self, used: &SecretString, new: SecretString) -> Result<(), StoreError> {
        let Some(mut held) = self.held().clone() else {
            return Err(self.account.error(StoreProblem::NotLeased));
        };
        let mut attempts = 0;
        loop {
            if !has_refresh_token(&held.stored, used) {
                break;
            }
            let tokens = held.stored.tokens.without_access_token();
            match self
                .publish(&held, tokens.with_refresh_token(new.clone()))
                .await
            {
                Ok(Published::Stored(_)) => break,
                // The entry may still have `used`: a late access token was stored beside it.
                Ok(Published::Conflict) if attempts < ATTEMPTS => match self.account.load().await {
                    Ok(stored) => held.stored = stored,
                    Err(error) if is_silent(&error) => sleep(PAUSE).await,
                    Err(error) => return Err(error),
                },
                Ok(Published::Conflict) => return Err(self.account.error(StoreProblem::Conflict)),
                Err(error) if is_silent(&error) && attempts < ATTEMPTS => {
                    sleep(PAUSE).await;
                    self.extend(&held.lease).await;
                }
                Err(error) => return Err(error),
            }
            attempts += 1;
        }
        self.release_late(held).await;
        Ok(())
    }

    async fn publish(&self, held: &Held, tokens: StoredTokens) -> Result<Published, StoreError> {
        let store = &self.account.store;
        let published = store
            .publish(&held.lease, held.stored.revision, &tokens)
            .await?;
        if let (Published::Stored(revision), Some(current)) = (published, &mut *self.held()) {
            current.stored = Stored {
                revision,
                tokens,
                ..Stored::default()
            };
        }
        Ok(published)
    }

    /// Gives the lease back if its token request has ended in the meantime.
    async fn release_late(&self, held: Held) {
        if self.held().is_none()
            && let Some(lease) = Arc::into_inner(held.lease)
        {
            let _ = self.account.store.release(lease).await;
        }
    }
}

fn has_refresh_token(stored: &Stored, token: &SecretString) -> bool {
    let current = stored.tokens.refresh_token();
    current.map(ExposeSecret::expose_secret) == Some(token.expose_secret())
}

/// Whether a server did not answer, or refused the password. A local store that fails will not soon
/// work.
fn is_silent(error: &StoreError) -> bool {
    matches!(
        error.problem(),
        StoreProblem::Unavailable(_) | StoreProblem::AccessDenied(_)
    )
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
