//! A token source that shares its tokens through a store.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use multi_auth::{AuthError, Reason, Token, TokenInvalidator, TokenRequestProblem, TokenSource};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::lease::Waits;
use super::outage::Outage;
use super::pause;
use super::refusals::RefusalWatch;
use super::session::{LeaseEnd, Session};
use crate::telemetry::{self, Origin};
use crate::{Acquired, StoreError, StoreProblem, Stored, Wanted};

/// What a source does while the store cannot be read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnOutage {
    Fail,
    RequestWithoutStore,
}

/// A token source that shares its tokens through a store, from
/// [`StoredAccount::refreshing`](super::StoredAccount::refreshing) or
/// [`StoredAccount::sharing`](super::StoredAccount::sharing).
///
/// A token request runs on a task of the runtime, which continues if the caller goes away: the
/// server may already have replaced the refresh token.
pub struct StoredSource<S>(Arc<Inner<S>>);

struct Inner<S> {
    source: S,
    session: Arc<Session>,
    on_outage: OnOutage,
    /// One token request at a time holds it.
    turn: Mutex<()>,
    /// The newest revision of which a caller got the token.
    seen: AtomicU64,
    /// Whether the last token that a caller got was that of `seen`, and not one that the store does
    /// not have.
    is_seen_last: AtomicBool,
    refusals: RefusalWatch,
    outage: Outage,
}

/// A token, and its revision if the store has it.
type Obtained = (Token, Option<u64>);

/// What the store has.
enum Found {
    Newer(Obtained),
    /// No newer token: the lease is taken, so that this process requests one.
    Leased,
    /// A token request has failed, and all processes wait.
    Paused(Duration),
}

impl<S: TokenSource> StoredSource<S> {
    pub(super) fn new(source: S, session: Arc<Session>, on_outage: OnOutage) -> Self {
        Self(Arc::new(Inner {
            source,
            session,
            on_outage,
            turn: Mutex::new(()),
            seen: AtomicU64::new(0),
            is_seen_last: AtomicBool::new(false),
            refusals: RefusalWatch::default(),
            outage: Outage::default(),
        }))
    }
}

impl<S: TokenSource> Inner<S> {
    async fn token(&self, reason: Reason) -> Result<Obtained, AuthError> {
        let _turn = self.turn.lock().await;
        // Dropped with this future too, so that a runtime that ends keeps no lease.
        let _end = End(&self.session);
        loop {
            match self.find(reason).await {
                Ok(Found::Newer(obtained)) => {
                    self.report(Origin::Store);
                    return Ok(obtained);
                }
                // A process that was stopped for longer than its lease looks again.
                Ok(Found::Leased) if !self.session.has_time_for_request() => {
                    drop(self.session.end());
                }
                Ok(Found::Leased) => return self.request(reason).await,
                Ok(Found::Paused(pause)) => return Err(self.paused(pause)),
                Err(error) => return self.without_store(error, reason).await,
            }
        }
    }

    /// Looks for a newer token or takes the lease, and waits while another process holds it.
    async fn find(&self, reason: Reason) -> Result<Found, StoreError> {
        let account = &self.session.account;
        let mut waits = Waits::new(account.limits.wait());
        let found = loop {
            let end = LeaseEnd::after(account.limits.lease(), &*account.clock);
            match self.acquire(reason).await? {
                Acquired::Newer(stored) => break self.newer(&stored).map(Found::Newer),
                Acquired::Taken(lease, stored) => {
                    self.session.begin(lease, stored, end);
                    if waits.waited().is_some() {
                        telemetry::taken_over(&account.key);
                    }
                    break Some(Found::Leased);
                }
                Acquired::Held(holder) if waits.wait(holder).await => {}
                Acquired::Held(_) => break None,
                Acquired::Paused(pause) => break Some(Found::Paused(pause)),
            }
        };
        if let Some(waited) = waits.waited() {
            telemetry::waited(&account.key, waited);
        }
        found.ok_or_else(|| account.error(StoreProblem::LeaseTimeout))
    }

    async fn acquire(&self, reason: Reason) -> Result<Acquired, StoreError> {
        let account = &self.session.account;
        let limit = account.limits.lease();
        let wanted = self.wanted(reason);
        account.store.acquire(&account.key, &wanted, limit).await
    }

    fn wanted(&self, reason: Reason) -> Wanted {
        let now = self.session.account.clock.wall();
        let wanted = Wanted::new(self.seen.load(Ordering::Relaxed), now);
        let is_refused = reason == Reason::Refused && self.is_seen_last.load(Ordering::Relaxed);
        if is_refused {
            wanted.with_refusal()
        } else {
            wanted
        }
    }

    fn newer(&self, stored: &Stored) -> Option<Obtained> {
        let token = stored.tokens.access_token()?.clone();
        // A lifetime counts from now, and not from when this process began to wait.
        let token = expiring(token, self.session.account.clock.wall());
        Some((token, Some(stored.revision)))
    }

    /// Requests a token under the lease, and stores it.
    async fn request(&self, reason: Reason) -> Result<Obtained, AuthError> {
        let limit = self.session.account.limits.request();
        let outcome = tokio::select! {
            biased;
            outcome = timeout(limit, self.obtain(Origin::Request)) => {
                outcome.unwrap_or_else(|_| Err(self.unfinished()))
            }
            () = self.session.keep_lease() => Err(self.unfinished()),
        };
        match outcome {
            Ok(token) => Ok(self.publish(token).await),
            Err(error) => self.after(error, reason).await,
        }
    }

    async fn obtain(&self, origin: Origin) -> Result<Token, AuthError> {
        let requested = self.session.account.clock.wall();
        let token = self.source.token().await?;
        self.report(origin);
        // The caller and other processes do not know when the lifetime began.
        Ok(expiring(token, requested))
    }

    async fn publish(&self, token: Token) -> Obtained {
        if !self.session.account.shares_access_tokens {
            self.give_back().await;
            return (token, None);
        }
        // A token that is not stored costs another process a token request, and no more.
        match self.session.publish_access_token(token.clone()).await {
            Ok(revision) => (token, revision),
            Err(error) => {
                telemetry::unavailable(&self.session.account.key, &error);
                (token, None)
            }
        }
    }

    async fn give_back(&self) {
        if let Some((lease, _)) = self.session.end() {
            let _ = self.session.account.store.release(lease).await;
        }
    }

    /// After a failed token request: the token of a process that has taken the lease over in the
    /// meantime, or `error`.
    async fn after(&self, error: AuthError, reason: Reason) -> Result<Obtained, AuthError> {
        let was_leased = self.session.has_time_for_request();
        let pause = pause::after(&error, self.session.failures());
        let Some((lease, _)) = self.session.end() else {
            return Err(error);
        };
        let store = &self.session.account.store;
        // A lease that is not given back ends by itself.
        let _ = match pause {
            Some(pause) => store.pause(lease, pause).await,
            None => store.release(lease).await,
        };
        if !was_leased
            && let Ok(stored) = store.load(&self.session.account.key).await
            && self.wanted(reason).is_met_by(&stored)
            && let Some(obtained) = self.newer(&stored)
        {
            return Ok(obtained);
        }
        Err(error)
    }

    /// What happens if the store cannot be used.
    async fn without_store(
        &self,
        error: StoreError,
        reason: Reason,
    ) -> Result<Obtained, AuthError> {
        let account = &self.session.account;
        telemetry::unavailable(&account.key, &error);
        match self.on_outage {
            OnOutage::Fail if !error.problem().is_outage() => Err(error.into()),
            OnOutage::Fail => {
                let problem = StoreProblem::RefreshTokenWithheld(Box::new(error));
                Err(account.error(problem).into())
            }
            OnOutage::RequestWithoutStore if self.outage.waits(reason, account.clock.wall()) => {
                Err(error.into())
            }
            OnOutage::RequestWithoutStore => {
                let obtained = self.obtain(Origin::RequestWithoutStore);
                let obtained = timeout(account.limits.request(), obtained).await;
                Ok((obtained.unwrap_or_else(|_| Err(self.unfinished()))?, None))
            }
        }
    }

    fn report(&self, origin: Origin) {
        telemetry::obtained(&self.session.account.key, origin);
    }

    fn paused(&self, pause: Duration) -> AuthError {
        let key = self.session.account.key.to_string();
        AuthError::token_request(key, TokenRequestProblem::Paused).with_retry_after(pause)
    }

    fn unfinished(&self) -> AuthError {
        self.session.account.error(StoreProblem::Unfinished).into()
    }
}

/// The same token with an expiry instead of a lifetime that began at `began`.
fn expiring(token: Token, began: SystemTime) -> Token {
    let lifetime = token.lifetime();
    match lifetime.and_then(|lifetime| began.checked_add(lifetime)) {
        Some(expiry) => token.with_expiry(expiry),
        None => token,
    }
}

impl<S: TokenSource + 'static> StoredSource<S> {
    /// Requests a token on a task of the runtime, which continues if the caller goes away.
    async fn request(&self, reason: Reason) -> Result<Obtained, AuthError> {
        let inner = Arc::clone(&self.0);
        let Ok(runtime) = Handle::try_current() else {
            return inner.token(reason).await;
        };
        let task = runtime.spawn(async move { inner.token(reason).await });
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
        self.token_for(Reason::Forced).await
    }

    async fn token_for(&self, reason: Reason) -> Result<Token, AuthError> {
        let (token, revision) = self.request(reason).await?;
        // A token that no caller got is still new to the next one.
        if let Some(revision) = revision {
            self.0.seen.fetch_max(revision, Ordering::Relaxed);
            let account = &self.0.session.account;
            self.0.refusals.watch(account, revision, token.value());
        }
        self.0.outage.reset(&token);
        let is_seen = revision.is_some();
        self.0.is_seen_last.store(is_seen, Ordering::Relaxed);
        Ok(token)
    }

    fn watch_refusals(&self, invalidator: TokenInvalidator) {
        self.0.refusals.set(invalidator);
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
