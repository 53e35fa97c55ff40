//! The right to publish an entry.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::StoreKey;

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
