//! What a store of tokens does.

mod entry;
pub use entry::{Stored, Unreadable};
mod lease;
pub use lease::Lease;
mod shared;
mod wanted;
pub use wanted::Wanted;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::{Refusals, StoreError, StoreKey, StoredTokens};

/// Stores tokens by [`StoreKey`], for this process or for several.
///
/// A process without a usable token [acquires](Self::acquire) the entry: it gets a newer token, or
/// the lease of the entry. With the lease, it requests a token and [publishes](Self::publish) it.
/// [`StoredAccount`](crate::StoredAccount) does this.
///
/// Each entry has a revision, which grows with each [`publish`](Self::publish). It fences the
/// lease: a process that was stopped for longer than its lease cannot replace a newer entry.
/// A revision never comes back, not even if the store loses the entry, so logging out publishes an
/// entry without tokens.
///
/// A store needs [`load`](Self::load), [`lease`](Self::lease) and [`publish`](Self::publish). Each
/// other method has a default for a store whose leases are guards in memory or locks of the
/// operating system. A store on a server overrides them. A store that wraps another one forwards
/// every method: a default would ignore the leases and the pauses of the other one.
#[async_trait]
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Returns the entry: its tokens and its revision.
    ///
    /// # Errors
    ///
    /// Why the store could not be read. An entry that does not exist is not an error.
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError>;

    /// Takes the lease of the entry, if no other process or task holds it. This does not wait, and
    /// ignores a [pause](Self::pause): a person who logs in does not wait for it.
    ///
    /// The lease ends after `limit` if the store cannot tell that its holder has died.
    ///
    /// # Errors
    ///
    /// Why the store could not answer.
    async fn lease(&self, key: &StoreKey, limit: Duration) -> Result<Leased, StoreError>;

    /// Returns the entry if it is what the caller [wants](Wanted), and otherwise takes its lease.
    /// This does not wait.
    ///
    /// If the vendor has refused the token of the entry, no later call returns that token. The
    /// default removes the token from the entry, once it has the lease.
    ///
    /// # Errors
    ///
    /// Why the store could not answer.
    async fn acquire(
        &self,
        key: &StoreKey,
        wanted: &Wanted,
        limit: Duration,
    ) -> Result<Acquired, StoreError> {
        let stored = self.load(key).await?;
        if wanted.is_met_by(&stored) {
            return Ok(Acquired::Newer(stored));
        }
        let lease = match self.lease(key, limit).await? {
            Leased::Taken(lease) => lease,
            Leased::Held => return Ok(Acquired::Held(None)),
        };
        match look_again(self, &lease, wanted).await {
            Ok(stored) if wanted.is_met_by(&stored) => {
                let _ = self.release(lease).await;
                Ok(Acquired::Newer(stored))
            }
            Ok(stored) => Ok(Acquired::Taken(lease, stored)),
            Err(error) => {
                let _ = self.release(lease).await;
                Err(error)
            }
        }
    }

    /// Extends the lease: it ends `limit` from now. Returns false if the caller no longer holds it.
    /// The default suffices if a lease ends only when it is dropped.
    ///
    /// # Errors
    ///
    /// Why the store could not answer. The lease then ends when it would have ended.
    async fn extend(&self, lease: &Lease, limit: Duration) -> Result<bool, StoreError> {
        let _ = (lease, limit);
        Ok(true)
    }

    /// Replaces the entry of `lease` unless its revision is newer than `expected`. Returns once
    /// `tokens` are stored durably.
    ///
    /// A store that never loses an entry also refuses a revision that is older than `expected`.
    ///
    /// # Errors
    ///
    /// Why `tokens` are not stored. The entry is then unchanged, unless a server has stored them
    /// and its answer was lost.
    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError>;

    /// [Publishes](Self::publish), and [gives the lease back](Self::release). Stores nothing if
    /// another process holds the lease: it may have presented the refresh token of this entry.
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish). The lease then ends after its limit.
    async fn publish_and_release(
        &self,
        lease: Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        let published = self.publish(&lease, expected, tokens).await?;
        // A lease that is not given back ends by itself.
        let _ = self.release(lease).await;
        Ok(published)
    }

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

    /// Gives the lease back after a failed token request. Until `pause` has passed, a store that
    /// can do so answers [`Acquired::Paused`], so that the processes of a deployment do not try one
    /// after the other. The default [releases](Self::release) the lease at once.
    ///
    /// # Errors
    ///
    /// As [`release`](Self::release).
    async fn pause(&self, lease: Lease, pause: Duration) -> Result<(), StoreError> {
        let _ = pause;
        self.release(lease).await
    }

    /// Returns the revisions of the entry whose tokens the vendor refuses from now on, in any
    /// process. `None`: the store cannot report them. This is the default.
    fn refusals(&self, key: &StoreKey) -> Option<Refusals> {
        let _ = key;
        None
    }
}

/// The answer to [`TokenStore::lease`].
#[derive(Debug)]
pub enum Leased {
    /// The caller holds the lease now.
    Taken(Lease),
    /// Another process or task holds it.
    Held,
}

/// The answer to [`TokenStore::acquire`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Acquired {
    /// The entry has a token that the caller can use.
    Newer(Stored),
    /// The caller holds the lease now. The entry has no token that the caller can use.
    Taken(Lease, Stored),
    /// Another process or task holds the lease. The number tells this holder from the next one, if
    /// the store knows it.
    Held(Option<u64>),
    /// A token request of another process has failed, and no process should send one in this time.
    Paused(Duration),
}

/// The answer to [`TokenStore::publish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// The entry is stored and has this revision.
    Stored(u64),
    /// The entry is unchanged: it no longer has the expected revision, or another process holds the
    /// lease.
    Conflict,
}

/// Loads the entry under `lease`, without the token that the vendor has refused.
async fn look_again<S: TokenStore + ?Sized>(
    store: &S,
    lease: &Lease,
    wanted: &Wanted,
) -> Result<Stored, StoreError> {
    let mut stored = store.load(lease.key()).await?;
    if wanted.has_refused(&stored) {
        let tokens = stored.tokens.without_access_token();
        let published = store.publish(lease, stored.revision, &tokens).await?;
        if let Published::Stored(revision) = published {
            stored.revision = revision;
        }
        stored.tokens = tokens;
    }
    Ok(stored)
}
