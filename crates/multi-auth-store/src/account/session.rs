//! A token request of this process under the lease of an entry.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use multi_auth::{Clock, Token};
use tokio::time::sleep;

use super::StoredAccount;
use crate::{Lease, Published, StoreError, Stored};

/// An account, and the lease during a token request.
pub(super) struct Session {
    pub(super) account: StoredAccount,
    held: Mutex<Option<Held>>,
}

/// A lease, and the entry as it was when the lease was taken.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) lease: Arc<Lease>,
    pub(super) stored: Stored,
    end: LeaseEnd,
}

/// When a lease ends if it is not extended. The monotonic clock stops while a machine is suspended,
/// and the wall clock can be set back, so both count.
#[derive(Clone, Copy)]
pub(super) struct LeaseEnd {
    monotonic: Instant,
    wall: SystemTime,
}

impl LeaseEnd {
    /// `lease` from now.
    pub(super) fn after(lease: Duration, clock: &dyn Clock) -> Self {
        Self {
            monotonic: clock.monotonic() + lease,
            wall: clock.wall() + lease,
        }
    }

    fn remaining(self, clock: &dyn Clock) -> Duration {
        let monotonic = self.monotonic.saturating_duration_since(clock.monotonic());
        monotonic.min(self.wall.duration_since(clock.wall()).unwrap_or_default())
    }
}

impl Session {
    pub(super) fn new(account: StoredAccount) -> Self {
        Self {
            account,
            held: Mutex::default(),
        }
    }

    /// Begins a token request under `lease`, which is valid until `end`.
    pub(super) fn begin(&self, lease: Lease, stored: Stored, end: LeaseEnd) {
        *self.held() = Some(Held {
            lease: Arc::new(lease),
            stored,
            end,
        });
    }

    /// Whether enough of the lease is left for a token request: a process may be stopped at any
    /// point. The first extension needs more time than [`Limits::extension`].
    ///
    /// [`Limits::extension`]: super::limits::Limits::extension
    pub(super) fn has_time_for_request(&self) -> bool {
        let needed = self.account.limits.lease() / 2;
        let held = self.held();
        held.as_ref()
            .is_some_and(|held| held.end.remaining(&*self.account.clock) > needed)
    }

    /// Extends the lease from time to time, until this future is dropped.
    pub(super) async fn keep_lease(&self) {
        loop {
            sleep(self.account.limits.extension()).await;
            let Some(lease) = self.held().as_ref().map(|held| Arc::clone(&held.lease)) else {
                return;
            };
            self.extend(&lease).await;
        }
    }

    /// Extends the lease once. If the store does not answer, the lease keeps its old end.
    pub(super) async fn extend(&self, lease: &Lease) {
        let (limit, clock) = (self.account.limits.lease(), &*self.account.clock);
        let end = LeaseEnd::after(limit, clock);
        let extended = self.account.store.extend(lease, limit).await;
        let mut held = self.held();
        // A refresh token may be stored after its token request has ended.
        let held = held
            .as_mut()
            .filter(|held| held.lease.owner() == lease.owner());
        if let (Ok(is_extended), Some(held)) = (extended, held) {
            held.end = if is_extended {
                end
            } else {
                LeaseEnd::after(Duration::ZERO, clock)
            };
        }
    }

    /// How many token requests have failed since the entry was published.
    pub(super) fn failures(&self) -> u32 {
        self.held().as_ref().map_or(0, |held| held.stored.failures)
    }

    /// Stores the access token, gives the lease back, and returns the revision. Without a lease, or
    /// if the entry is newer, nothing is stored.
    pub(super) async fn publish_access_token(
        &self,
        token: Token,
    ) -> Result<Option<u64>, StoreError> {
        let Some((lease, stored)) = self.end() else {
            return Ok(None);
        };
        let tokens = stored.tokens.with_access_token(token);
        let store = &self.account.store;
        let published = store.publish_and_release(lease, stored.revision, &tokens);
        Ok(match published.await? {
            Published::Stored(revision) => Some(revision),
            Published::Conflict => None,
        })
    }

    /// Ends the token request, and returns its lease and the entry.
    pub(super) fn end(&self) -> Option<(Lease, Stored)> {
        let held = self.held().take()?;
        Some((Arc::into_inner(held.lease)?, held.stored))
    }

    pub(super) fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
