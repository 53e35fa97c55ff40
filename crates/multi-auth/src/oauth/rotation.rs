//! Presents the refresh token of a store, and stores the new one that a server issues.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;

use super::RefreshTokenStore;
use crate::token::cache::can_spawn;
use crate::{AuthError, TokenRequestProblem};

/// A store of a refresh token, and the new token that it does not have yet.
pub(crate) struct Rotation {
    store: Arc<dyn RefreshTokenStore>,
    unstored: Mutex<Option<Issued>>,
    /// Held while the store replaces its token.
    turn: tokio::sync::Mutex<()>,
}

/// A refresh token that a server issued in place of the one that was used.
#[derive(Clone)]
struct Issued {
    used: SecretString,
    new: SecretString,
}

impl Rotation {
    pub(super) fn new(store: impl RefreshTokenStore + 'static) -> Self {
        Self {
            store: Arc::new(store),
            unstored: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The current refresh token. If an earlier one could not be stored, it is stored first.
    pub(crate) async fn load(self: &Arc<Self>) -> Result<SecretString, AuthError> {
        self.store_issued().await?;
        self.store.load().await
    }

    /// Stores `new` in place of `used`. If this fails, the next [`load`](Self::load) stores it.
    pub(crate) async fn replace(
        self: &Arc<Self>,
        used: SecretString,
        new: SecretString,
    ) -> Result<(), AuthError> {
        *self.unstored() = Some(Issued { used, new });
        self.store_issued().await
    }

    /// Runs on a separate task, which continues if the caller goes away or its time limit passes.
    async fn store_issued(self: &Arc<Self>) -> Result<(), AuthError> {
        if self.unstored().is_none() {
            return Ok(());
        }
        let task = Arc::clone(self).take_turn();
        if !can_spawn() {
            return task.await;
        }
        let stored = tokio::spawn(task).await;
        stored.unwrap_or_else(|error| {
            let problem = if error.is_panic() {
                TokenRequestProblem::Panicked
            } else {
                TokenRequestProblem::Interrupted
            };
            Err(AuthError::token_request(
                "the store of the refresh token",
                problem,
            ))
        })
    }

    async fn take_turn(self: Arc<Self>) -> Result<(), AuthError> {
        let _turn = self.turn.lock().await;
        let Some(issued) = self.unstored().clone() else {
            return Ok(());
        };
        self.store.replace(&issued.used, issued.new).await?;
        *self.unstored() = None;
        Ok(())
    }

    fn unstored(&self) -> MutexGuard<'_, Option<Issued>> {
        self.unstored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rotation").field(&self.store).finish()
    }
}
