//! What a store of tokens does.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::{StoreError, StoreKey, StoredTokens};

/// Stores tokens by [`StoreKey`], for this process or for several.
///
/// A process that refreshes a token takes the lease of the entry first, loads the entry again, and
/// publishes what the server returned. [`StoredAccount`](crate::StoredAccount) does this.
///
/// Each entry has a revision: 0 while it does not exist, and one more with each
/// [`publish`](Self::publish). An entry is never deleted, so that a revision never comes back:
/// logging out publishes an entry without tokens.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Returns the entry: its tokens and its revision.
    ///
    /// # Errors
    ///
    /// Why the store could not be read. An entry that does not exist is not an error.
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError>;

    /// Takes the lease of the entry, if no other process or task holds it. This does not wait.
    ///
    /// The lease ends after `limit` if the store cannot tell that its holder has died.
    ///
    /// # Errors
    ///
    /// Why the store could not answer.
    async fn lease(&self, key: &StoreKey, limit: Duration) -> Result<Leased, StoreError>;

    /// Replaces the entry of `lease` if its revision is still `expected`. Returns once `tokens` are
    /// stored durably.
    ///
    /// # Errors
    ///
    /// Why `tokens` are not stored. The entry is then unchanged.
    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError>;

    /// Gives the lease back. The default drops it, which suffices if its guard is all that the
    /// store keeps.
    ///
    /// # Errors
    ///
    /// Why the store did not take it back. The lease then ends after its limit.
    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        drop(lease);
        Ok(())
    }
}

/// An entry as a store has it.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// How many times the entry has been published. 0: it does not exist.
    pub revision: u64,
    /// The tokens of the entry.
    pub tokens: StoredTokens,
}

/// The answer to [`TokenStore::lease`].
#[derive(Debug)]
pub enum Leased {
    /// The caller holds the lease now.
    Taken(Lease),
    /// Another process or task holds it.
    Held,
}

/// The answer to [`TokenStore::publish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The entry is stored and has this revision.
    Stored(u64),
    /// The entry is unchanged: it no longer has the expected revision.
    Conflict,
}

/// The right to publish an entry. Dropping it releases what it holds in this process, such as a
/// file lock.
pub struct Lease {
    key: StoreKey,
    owner: u64,
    guard: Option<Arc<dyn Any + Send + Sync>>,
}

impl Lease {
    /// A lease of the entry `key`. `owner` tells the leases of an entry apart, for stores on a
    /// server.
    #[must_use]
    pub fn new(key: StoreKey, owner: u64) -> Self {
        Self {
            key,
            owner,
            guard: None,
        }
    }

    /// Keeps `guard`, such as a locked file, until the lease and all results of
    /// [`guard`](Self::guard) are dropped.
    #[must_use]
    pub fn with_guard(self, guard: impl Any + Send + Sync) -> Self {
        Self {
            guard: Some(Arc::new(guard)),
            ..self
        }
    }

    /// The guard, for work that goes on in another thread after the lease is dropped.
    #[must_use]
    pub fn guard(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        self.guard.clone()
    }

    /// The entry.
    #[must_use]
    pub fn key(&self) -> &StoreKey {
        &self.key
    }

    /// What tells this lease from others of the same entry.
    #[must_use]
    pub fn owner(&self) -> u64 {
        self.owner
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
