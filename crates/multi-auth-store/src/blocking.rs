//! Runs file and keyring calls on Tokio's threads for blocking work.

use std::io;

use tokio::task::spawn_blocking;

use crate::{StoreError, StoreKey, StoreProblem};

/// Runs `act` on another thread. Its errors name the entry.
pub(crate) async fn blocking<T: Send + 'static>(
    key: &StoreKey,
    act: impl FnOnce() -> Result<T, StoreProblem> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = spawn_blocking(act).await;
    let outcome = outcome.unwrap_or_else(|_| {
        let stopped = io::Error::other("the runtime has stopped");
        Err(StoreProblem::Io(stopped))
    });
    outcome.map_err(|problem| StoreError::new(format!("the stored entry {key}"), problem))
}
