//! Waits for the lease of an entry.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::StoredAccount;
use crate::{Lease, Leased, StoreError, StoreProblem};

/// The waits between two looks at an entry whose lease another process holds.
pub(super) struct Waits {
    began: Instant,
    limit: Duration,
    next: Duration,
}

const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(200);

impl Waits {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            began: Instant::now(),
            limit,
            next: FIRST,
        }
    }

    /// Waits before the next look. Returns false if the limit has passed.
    pub(super) async fn wait(&mut self) -> bool {
        let left = self.limit.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        // Processes that wait for one lease do not look at the same time.
        let jittered = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        sleep(jittered.min(left)).await;
        self.next = LONGEST.min(self.next * 2);
        true
    }

    /// How long it has waited. `None`: not at all.
    pub(super) fn waited(&self) -> Option<Duration> {
        (self.next > FIRST).then(|| self.began.elapsed())
    }
}

impl StoredAccount {
    /// Takes the lease, and waits until it is free.
    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        let mut waits = Waits::new(self.limits.wait());
        loop {
            match self.store.lease(&self.key, self.limits.lease()).await? {
                Leased::Taken(lease) => return Ok(lease),
                Leased::Held if waits.wait().await => {}
                Leased::Held => return Err(self.error(StoreProblem::LeaseTimeout)),
            }
        }
    }
}
