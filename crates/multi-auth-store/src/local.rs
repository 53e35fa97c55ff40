//! Entries on this machine, which are read and replaced by blocking calls.

use crate::blocking::blocking;
use crate::{Lease, Published, StoreError, StoreProblem, Stored, StoredTokens};

/// An entry in a file or in the keyring of the operating system.
pub(crate) trait LocalEntry: Send + 'static {
    /// The entry; revision 0 if it does not exist.
    fn read(&self) -> Result<Stored, StoreProblem>;

    /// Replaces the entry. Only the holder of the lease calls this.
    fn replace(&self, stored: &Stored) -> Result<(), StoreProblem>;
}

/// Publishes `tokens` as `entry`, which is that of `lease`.
pub(crate) async fn publish(
    entry: impl LocalEntry,
    lease: &Lease,
    expected: u64,
    tokens: &StoredTokens,
) -> Result<Published, StoreError> {
    let tokens = tokens.clone();
    // If this future is dropped, the thread goes on, and the lock must last as long.
    let guard = lease.guard();
    blocking(lease.key(), move || {
        let _guard = guard;
        if entry.read()?.revision != expected {
            return Ok(Published::Conflict);
        }
        let revision = expected + 1;
        entry.replace(&Stored {
            revision,
            tokens,
            ..Stored::default()
        })?;
        Ok(Published::Stored(revision))
    })
    .await
}
