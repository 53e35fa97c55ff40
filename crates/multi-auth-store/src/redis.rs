//! A store on a Redis server, shared by the processes of a deployment.
//!
//! ```no_run
//! use multi_auth::{AuthError, Bearer, TokenSource};
//! use multi_auth_store::redis::RedisStore;
//! use multi_auth_store::{SealingKey, StoreKey, StoredAccount};
//!
//! # fn bearer(source: impl TokenSource + 'static, password: String) -> Result<Bearer, AuthError> {
//! let key = SealingKey::from_base64(std::env::var("STORE_KEY").unwrap_or_default())?;
//! let store = RedisStore::builder("rediss://redis.example.com", key)?
//!     .user("multi-auth")
//!     .password(password)
//!     .build()?;
//! let account = StoredAccount::new(store, StoreKey::new("example", "reports")?);
//! let bearer = Bearer::new(account.sharing(source));
//! # Ok(bearer)
//! # }
//! ```
//!
//! Redis 7 and compatible servers such as Valkey are supported, as a single server or behind
//! Sentinel. Redis Cluster is not supported. While the server does not answer,
//! [`sharing`](crate::StoredAccount::sharing) requests tokens without it, and
//! [`refreshing`](crate::StoredAccount::refreshing) fails.
//!
//! # What the server has
//!
//! | key | type | content | lifetime |
//! |---|---|---|---|
//! | `multi-auth:{NAME}` | hash | the sealed tokens, their revision, times, and failures | until the access token expires; without a limit if there is a refresh token |
//! | `multi-auth:{NAME}:lease` | string | a random number, or `!` during a pause | until the lease or the pause ends |
//!
//! `NAME` is an HMAC of the vendor, the account and the protection space. The tokens are sealed
//! with AES-256-GCM. A reader of the server learns the number of entries, their sizes and the times
//! of changes. A writer can remove entries and restore older ones.
//!
//! The server's clock measures all times, so the clocks of the processes may differ.

mod address;
mod breaker;
mod builder;
mod connection;
mod entry;
mod refusals;
mod scripts;

pub use self::builder::RedisStoreBuilder;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::rand;

use self::connection::Connection;
use self::entry::Entries;
use self::refusals::Listeners;
use self::scripts::{Answer, Deadline, Scripts, State};
use crate::{
    Acquired, Lease, Leased, Published, Refusals, SealingKey, StoreError, StoreKey, StoreProblem,
    Stored, StoredTokens, TokenStore, Wanted,
};

/// A store on a Redis server. Clones share one connection.
///
/// See the [module](self).
#[derive(Clone)]
pub struct RedisStore(Arc<Inner>);

struct Inner {
    connection: Connection,
    entries: Entries,
    scripts: Scripts,
    deadline: Deadline,
    listeners: Listeners,
}

impl RedisStore {
    /// Describes the store at `url`, whose entries are sealed with `key`.
    ///
    /// | URL | server |
    /// |---|---|
    /// | `rediss://HOST[:PORT][/DB]` | one server, with TLS |
    /// | `redis://HOST[:PORT][/DB]` | one server, without TLS |
    /// | `rediss+sentinel://HOST[:PORT][,HOST[:PORT]...]/SERVICE[/DB]` | the primary that the sentinels name, with TLS |
    /// | `redis+sentinel://...` | the same, without TLS |
    ///
    /// Without TLS, the server must be at a loopback address, and there must be no sentinels: they
    /// may name another machine. [`dangerous_plain_tcp`](RedisStoreBuilder::dangerous_plain_tcp)
    /// allows both.
    ///
    /// # Errors
    ///
    /// [`StoreProblem::Address`] if `url` is something else, or has a password.
    pub fn builder(url: &str, key: SealingKey) -> Result<RedisStoreBuilder, StoreError> {
        RedisStoreBuilder::new(url, key)
    }

    /// Acquires the entry by the deadline of the server's clock, if that clock is known.
    async fn try_acquire(
        &self,
        key: &StoreKey,
        wanted: &Wanted,
        lease: &Lease,
        limit: Duration,
    ) -> Result<Answer, StoreError> {
        let store = &self.0;
        let names = store.entries.names(key);
        let deadline = store.deadline.of(store.connection.timeout());
        let script = store
            .scripts
            .acquire(&names, wanted, lease, limit, deadline);
        let answer: Answer = store.connection.invoke(&script).await?;
        store.deadline.learn(answer.now);
        Ok(answer)
    }
}

#[async_trait]
impl TokenStore for RedisStore {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        let store = &self.0;
        let script = store.scripts.load(&store.entries.names(key));
        let answer: Answer = store.connection.invoke(&script).await?;
        Ok(store.entries.read(key, &answer))
    }

    async fn lease(&self, key: &StoreKey, limit: Duration) -> Result<Leased, StoreError> {
        let store = &self.0;
        let lease = new_lease(key)?;
        let names = store.entries.names(key);
        let script = store.scripts.lease(&names, &lease, limit);
        let is_taken: bool = store.connection.invoke(&script).await?;
        Ok(if is_taken {
            Leased::Taken(lease)
        } else {
            Leased::Held
        })
    }

    /// Takes one round trip. It takes two if the server's clock has changed, or if the entry cannot
    /// be opened.
    async fn acquire(
        &self,
        key: &StoreKey,
        wanted: &Wanted,
        limit: Duration,
    ) -> Result<Acquired, StoreError> {
        let lease = new_lease(key)?;
        let mut answer = self.try_acquire(key, wanted, &lease, limit).await?;
        if answer.state == State::Late {
            // After a failover, another clock counts.
            answer = self.try_acquire(key, wanted, &lease, limit).await?;
        }
        let entries = &self.0.entries;
        match answer.state {
            State::Newer => {
                let stored = entries.read(key, &answer);
                if stored.unreadable.is_none() {
                    return Ok(Acquired::Newer(stored));
                }
                // It is replaced, as if it had expired.
                Ok(match self.lease(key, limit).await? {
                    Leased::Taken(lease) => Acquired::Taken(lease, stored),
                    Leased::Held => Acquired::Held(None),
                })
            }
            State::Taken => {
                let mut stored = entries.read(key, &answer);
                // A server that has lost the entry does not know the revision that was seen.
                stored.revision = stored.revision.max(wanted.newer_than());
                Ok(Acquired::Taken(lease, stored))
            }
            State::Paused => Ok(Acquired::Paused(answer.pause())),
            State::Held => Ok(Acquired::Held(answer.holder)),
            State::Late | State::Loaded => Err(self.0.connection.timed_out()),
        }
    }

    async fn extend(&self, lease: &Lease, limit: Duration) -> Result<bool, StoreError> {
        let store = &self.0;
        let names = store.entries.names(lease.key());
        let script = store.scripts.extend(&names, lease, limit);
        store.connection.invoke(&script).await
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        self.0.publish(lease, expected, tokens, false).await
    }

    /// One round trip.
    async fn publish_and_release(
        &self,
        lease: Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        self.0.publish(&lease, expected, tokens, true).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        let store = &self.0;
        let names = store.entries.names(lease.key());
        store
            .connection
            .invoke(&store.scripts.release(&names, &lease))
            .await
    }

    async fn pause(&self, lease: Lease, pause: Duration) -> Result<(), StoreError> {
        let store = &self.0;
        let names = store.entries.names(lease.key());
        store
            .connection
            .invoke(&store.scripts.pause(&names, &lease, pause))
            .await
    }

    fn refusals(&self, key: &StoreKey) -> Option<Refusals> {
        Some(self.0.refusals(self.0.entries.names(key).entry))
    }
}

impl Inner {
    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
        releases: bool,
    ) -> Result<Published, StoreError> {
        let written = self.entries.write(lease.key(), tokens)?;
        let names = self.entries.names(lease.key());
        let script = self
            .scripts
            .publish(&names, lease, expected, &written, releases);
        let revision: u64 = self.connection.invoke(&script).await?;
        Ok(match revision {
            0 => Published::Conflict,
            revision => Published::Stored(revision),
        })
    }
}

/// A lease with a random owner.
fn new_lease(key: &StoreKey) -> Result<Lease, StoreError> {
    let mut owner = [0; 8];
    rand::fill(&mut owner)
        .map_err(|_| StoreError::new(key.to_string(), StoreProblem::Cryptography))?;
    Ok(Lease::new(key.clone(), u64::from_be_bytes(owner)))
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("address", &self.0.connection)
            .field("entries", &self.0.entries)
            .finish()
    }
}
