//! A store in memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use crate::{Lease, Leased, Published, StoreError, StoreKey, Stored, StoredTokens, TokenStore};

/// Stores tokens in memory until the process ends. Clones share their entries.
///
/// ```
/// use multi_auth_store::{MemoryStore, StoreKey, StoredAccount};
///
/// # fn main() -> Result<(), multi_auth_store::StoreError> {
/// let store = MemoryStore::default();
/// let account = StoredAccount::new(store, StoreKey::new("github", "ada")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryStore(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    entries: HashMap<StoreKey, Stored>,
    leased: HashSet<StoreKey>,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryStore {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        Ok(self.state().entries.get(key).cloned().unwrap_or_default())
    }

    /// The limit does not matter: a lease ends when it is dropped.
    async fn lease(&self, key: &StoreKey, _: Duration) -> Result<Leased, StoreError> {
        if !self.state().leased.insert(key.clone()) {
            return Ok(Leased::Held);
        }
        let guard = Guard {
            store: self.clone(),
            key: key.clone(),
        };
        let lease = Lease::new(key.clone(), 0).with_guard(guard);
        Ok(Leased::Taken(lease))
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        let mut state = self.state();
        let entry = state.entries.entry(lease.key().clone()).or_default();
        if entry.revision != expected {
            return Ok(Published::Conflict);
        }
        entry.revision += 1;
        entry.tokens = tokens.clone();
        Ok(Published::Stored(entry.revision))
    }
}

struct Guard {
    store: MemoryStore,
    key: StoreKey,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.store.state().leased.remove(&self.key);
    }
}
