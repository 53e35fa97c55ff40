//! Waits for the lease of an entry.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::StoredAccount;
use crate::{Lease, Leased, StoreError, StoreProblem};

/// How long a lease is valid if the store cannot tell that its holder has died. Longer than any
/// token request.
const LIMIT: Duration = Duration::from_secs(120);
const FIRST_WAIT: Duration = Duration::from_millis(5);
const MAX_WAIT: Duration = Duration::from_millis(200);

impl StoredAccount {
    /// Takes the lease, and waits until it is free.
    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        timeout(self.lease_timeout, self.poll_lease())
            .await
            .unwrap_or_else(|_| Err(self.error(StoreProblem::LeaseTimeout)))
    }

    async fn poll_lease(&self) -> Result<Lease, StoreError> {
        let mut wait = FIRST_WAIT;
        loop {
            match self.store.lease(&self.key, LIMIT).await? {
                Leased::Taken(lease) => return Ok(lease),
                Leased::Held => sleep(wait).await,
            }
            wait = MAX_WAIT.min(wait * 2);
        }
    }
}
