//! A token source that shares its tokens through a store.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::{AuthError, Token, TokenSource};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::refresh_tokens::Session;
use crate::{StoreError, StoreProblem, Stored};

/// What a source does while the store cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnOutage {
    Fail,
    RequestAlone,
}

/// A token source that shares its tokens through a store, from
/// [`StoredAccount::refreshing`](super::StoredAccount::refreshing) or
/// [`StoredAccount::sharing`](super::StoredAccount::sharing).
///
/// A token request runs on a task of the runtime, which continues if the caller goes away: the
/// server may already have replaced the refresh token. It ends after 90 seconds at most.
pub struct StoredSource<S>(Arc<Inner<S>>);

struct Inner<S> {
    source: S,
    session: Arc<Session>,
    on_outage: OnOutage,
    /// One token request at a time holds it.
    turn: Mutex<()>,
    /// The revision of the last token that a caller got.
    seen: AtomicU64,
}

/// The time limit of a token request and of storing its tokens. Shorter than a lease is valid.
const REQUEST_LIMIT: Duration = Duration::from_secs(90);

/// What the store has.
enum Found {
    /// A newer access token.
    Token(Token, u64),
    /// None: the lease is taken, so that this process requests one.
    Leased,
}

/// One look at the entry.
enum Looked {
    Newer(Token, u64),
    Same(Stored),
}

impl<S: TokenSource> StoredSource<S> {
    pub(super) fn new(source: S, session: Arc<Session>, on_outage: OnOutage) -> Self {
        Self(Arc::new(Inner {
            source,
            session,
            on_outage,
            turn: Mutex::new(()),
            seen: AtomicU64::new(0),
        }))
    }
}

impl<S: TokenSource> Inner<S> {
    /// A token, and its revision if the store has it.
    async fn token(&self) -> Result<(Token, Option<u64>), AuthError> {
        let _turn = self.turn.lock().await;
        // Dropped with this future too, so that a runtime that ends keeps no lease.
        let _end = End(&self.session);
        match self.find().await {
            Ok(Found::Token(token, revision)) => return Ok((token, Some(revision))),
            Ok(Found::Leased) => {}
            Err(_) if self.on_outage == OnOutage::RequestAlone => {
                return Ok((self.source.token().await?, None));
            }
            Err(error) => return Err(error.into()),
        }
        let outcome = timeout(REQUEST_LIMIT, self.request()).await;
        if let Some(lease) = self.session.end() {
            let _ = self.session.account.store.release(lease).await;
        }
        outcome.unwrap_or_else(|_| Err(self.unfinished()))
    }

    fn unfinished(&self) -> AuthError {
        self.session.account.error(StoreProblem::Unfinished).into()
    }

    /// Looks for a newer token, takes the lease if there is none, and looks again.
    async fn find(&self) -> Result<Found, StoreError> {
        let account = &self.session.account;
        if let Looked::Newer(token, revision) = self.look().await? {
            return Ok(Found::Token(token, revision));
        }
        let lease = account.lease().await?;
        let stored = match self.look().await? {
            Looked::Newer(token, revision) => {
                let _ = account.store.release(lease).await;
                return Ok(Found::Token(token, revision));
            }
            Looked::Same(stored) => stored,
        };
        self.session.begin(lease, stored);
        Ok(Found::Leased)
    }

    async fn look(&self) -> Result<Looked, StoreError> {
        let account = &self.session.account;
        let stored = account.load().await?;
        Ok(
            match account.newer(&stored, self.seen.load(Ordering::Relaxed)) {
                Some(token) => Looked::Newer(token, stored.revision),
                None => Looked::Same(stored),
            },
        )
    }

    /// Requests a token under the lease, and stores it.
    async fn request(&self) -> Result<(Token, Option<u64>), AuthError> {
        let account = &self.session.account;
        let requested = account.clock.wall();
        let mut token = self.source.token().await?;
        // Another process does not know when the lifetime began.
        if let Some(expiry) = token
            .lifetime()
            .and_then(|lifetime| requested.checked_add(lifetime))
        {
            token = token.with_expiry(expiry);
        }
        if !account.shares_access_tokens {
            return Ok((token, None));
        }
        // A token that is not stored costs another process a token request, and no more.
        let published = self.session.publish_access_token(token.clone()).await;
        Ok((token, published.ok().flatten()))
    }
}

impl<S: TokenSource + 'static> StoredSource<S> {
    /// Requests a token on a task of the runtime, which continues if the caller goes away.
    async fn request(&self) -> Result<(Token, Option<u64>), AuthError> {
        let inner = Arc::clone(&self.0);
        let Ok(runtime) = Handle::try_current() else {
            return inner.token().await;
        };
        let task = runtime.spawn(async move { inner.token().await });
        task.await
            .unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(self.0.unfinished()),
            })
    }
}

#[async_trait]
impl<S: TokenSource + 'static> TokenSource for StoredSource<S> {
    async fn token(&self) -> Result<Token, AuthError> {
        let (token, revision) = self.request().await?;
        // A token that no caller got is still new to the next one.
        if let Some(revision) = revision {
            self.0.seen.fetch_max(revision, Ordering::Relaxed);
        }
        Ok(token)
    }
}

/// Ends the token request of a session when it is dropped.
struct End<'a>(&'a Session);

impl Drop for End<'_> {
    fn drop(&mut self) {
        drop(self.0.end());
    }
}

impl<S> fmt::Debug for StoredSource<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSource")
            .field("account", &self.0.session.account.key)
            .finish_non_exhaustive()
    }
}
