//! Waits for the lease of an entry.

use std::time::Duration;

use tokio::time::sleep;

use super::StoredAccount;
use crate::{Lease, Leased, StoreError, StoreProblem};

/// The waits between two looks at an entry whose lease another process holds.
pub(super) struct Waits {
    limit: Duration,
    next: Duration,
    waited: Duration,
    holder: Option<u64>,
    /// How long the current holder has been waited for.
    waited_for_holder: Duration,
}

const FIRST: Duration = Duration::from_millis(5);
const AFTER_CHANGE: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(200);

impl Waits {
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            limit,
            next: FIRST,
            waited: Duration::ZERO,
            holder: None,
            waited_for_holder: Duration::ZERO,
        }
    }

    /// Waits before the next look. Returns false if `holder` has held the lease for longer than the
    /// limit. The limit starts again with each holder: otherwise every process would request a
    /// token after a second holder has died.
    pub(super) async fn wait(&mut self, holder: Option<u64>) -> bool {
        if holder != self.holder {
            (self.holder, self.waited_for_holder) = (holder, Duration::ZERO);
            // Where the holder changes often, a process that looks seldom would never get the
            // lease.
            self.next = self.next.min(AFTER_CHANGE);
        }
        let is_over = self.waited >= self.limit.saturating_mul(2);
        if is_over || self.waited_for_holder >= self.limit {
            return false;
        }
        // Processes that wait for one lease do not look at the same time.
        let wait = self.next.mul_f64(0.5 + fastrand::f64() / 2.0);
        sleep(wait).await;
        self.next = LONGEST.min(self.next * 2);
        self.waited += wait;
        self.waited_for_holder += wait;
        true
    }

    /// How long it has waited. `None`: not at all.
    pub(super) fn waited(&self) -> Option<Duration> {
        (!self.waited.is_zero()).then_some(self.waited)
    }
}

impl StoredAccount {
    /// Takes the lease, and waits until it is free.
    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        let mut waits = Waits::new(self.limits.wait());
        loop {
            match self.store.lease(&self.key, self.limits.lease()).await? {
                Leased::Taken(lease) => return Ok(lease),
                Leased::Held if waits.wait(None).await => {}
                Leased::Held => return Err(self.error(StoreProblem::LeaseTimeout)),
            }
        }
    }
}
