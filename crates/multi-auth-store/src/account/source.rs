//! A token source that shares its tokens through a store.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use multi_auth::{AuthError, Token, TokenSource};
use tokio::sync::Mutex;

use super::refresh_tokens::Session;
use crate::{StoreError, Stored};

/// What a source does while the store cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnOutage {
    Fail,
    RequestAlone,
}

/// A token source that shares its tokens through a store, from
/// [`StoredAccount::refreshing`](super::StoredAccount::refreshing) or
/// [`StoredAccount::sharing`](super::StoredAccount::sharing).
pub struct StoredSource<S> {
    source: S,
    session: Arc<Session>,
    on_outage: OnOutage,
    /// The revision of the last token that was returned. One token request at a time holds it.
    seen: Mutex<u64>,
}

/// What the store has.
enum Found {
    /// A newer access token.
    Token(Token),
    /// None: the lease is taken, so that this process requests one.
    Leased,
}

/// One look at the entry.
enum Looked {
    Newer(Token),
    Same(Stored),
}

impl<S: TokenSource> StoredSource<S> {
    pub(super) fn new(source: S, session: Arc<Session>, on_outage: OnOutage) -> Self {
        Self {
            source,
            session,
            on_outage,
            seen: Mutex::new(0),
        }
    }

    /// Looks for a newer token, takes the lease if there is none, and looks again.
    async fn find(&self, seen: &mut u64) -> Result<Found, StoreError> {
        let account = &self.session.account;
        if let Looked::Newer(token) = self.look(seen).await? {
            return Ok(Found::Token(token));
        }
        let lease = account.lease().await?;
        let stored = match self.look(seen).await? {
            Looked::Newer(token) => {
                let _ = account.store.release(lease).await;
                return Ok(Found::Token(token));
            }
            Looked::Same(stored) => stored,
        };
        self.session.begin(lease, stored);
        Ok(Found::Leased)
    }

    async fn look(&self, seen: &mut u64) -> Result<Looked, StoreError> {
        let account = &self.session.account;
        let stored = account.load().await?;
        Ok(match account.newer(&stored, *seen) {
            Some(token) => {
                *seen = stored.revision;
                Looked::Newer(token)
            }
            None => Looked::Same(stored),
        })
    }

    /// Requests a token under the lease, and stores it.
    async fn request(&self, seen: &mut u64) -> Result<Token, AuthError> {
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
        if account.shares_access_tokens {
            // A token that is not stored costs another process a token request, and no more.
            let published = self.session.publish_access_token(token.clone()).await;
            if let Ok(Some(revision)) = published {
                *seen = revision;
            }
        }
        Ok(token)
    }
}

#[async_trait]
impl<S: TokenSource> TokenSource for StoredSource<S> {
    async fn token(&self) -> Result<Token, AuthError> {
        let mut seen = self.seen.lock().await;
        // Dropped with this future too, so that a caller that goes away keeps no lease.
        let _end = End(&self.session);
        match self.find(&mut seen).await {
            Ok(Found::Token(token)) => return Ok(token),
            Ok(Found::Leased) => {}
            Err(_) if self.on_outage == OnOutage::RequestAlone => return self.source.token().await,
            Err(error) => return Err(error.into()),
        }
        let outcome = self.request(&mut seen).await;
        if let Some(lease) = self.session.end() {
            let _ = self.session.account.store.release(lease).await;
        }
        outcome
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
            .field("account", &self.session.account.key)
            .finish_non_exhaustive()
    }
}
