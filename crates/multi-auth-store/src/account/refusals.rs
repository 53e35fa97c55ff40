//! Discards a token that the vendor has refused to another process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use multi_auth::{SecretString, TokenInvalidator};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::StoredAccount;

/// The newest shared token of this process, and the task that receives its refusal. The task ends
/// when this is dropped.
#[derive(Default)]
pub(super) struct RefusalWatch {
    shared: Arc<Shared>,
    task: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Shared {
    invalidator: Mutex<Option<TokenInvalidator>>,
    last: Mutex<Option<(u64, SecretString)>>,
}

impl RefusalWatch {
    pub(super) fn set(&self, invalidator: TokenInvalidator) {
        *locked(&self.shared.invalidator) = Some(invalidator);
    }

    /// Watches `token`, which has the revision `revision`.
    pub(super) fn watch(&self, account: &StoredAccount, revision: u64, token: &SecretString) {
        if locked(&self.shared.invalidator).is_none() {
            return;
        }
        *locked(&self.shared.last) = Some((revision, token.clone()));
        let mut task = locked(&self.task);
        if task.as_ref().is_none_or(JoinHandle::is_finished) {
            *task = self.start(account);
        }
    }

    fn start(&self, account: &StoredAccount) -> Option<JoinHandle<()>> {
        let runtime = Handle::try_current().ok()?;
        let mut refusals = account.store.refusals(&account.key)?;
        let shared = Arc::clone(&self.shared);
        Some(runtime.spawn(async move {
            while let Some(revision) = refusals.next().await {
                shared.discard(revision);
            }
        }))
    }
}

impl Shared {
    fn discard(&self, refused: u64) {
        let last = locked(&self.last).clone();
        let Some((_, token)) = last.filter(|(revision, _)| *revision == refused) else {
            return;
        };
        if let Some(invalidator) = &*locked(&self.invalidator) {
            invalidator.invalidate(&token);
        }
    }
}

impl Drop for RefusalWatch {
    fn drop(&mut self) {
        if let Some(task) = &*locked(&self.task) {
            task.abort();
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
