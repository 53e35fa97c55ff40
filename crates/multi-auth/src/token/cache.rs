//! Caches one token. A valid token is returned at once, and refreshed in the background before it
//! expires. Concurrent callers without a token share one token request.
//!
//! Readers load a pointer. Everything else happens under one lock, which is never held across an
//! await. The token is checked again after the lock is taken, and observers are called after it is
//! released.

mod backoff;
mod cached_token;
mod catch_panic;
mod failures;
mod flight;
mod issued;
mod jitter;
mod publish;
mod rate_limiter;
mod read;
mod refusal;
mod report;
mod runtime;
mod settings;
mod stale;
mod state;
mod window;

use std::sync::{Arc, PoisonError, TryLockError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

pub(crate) use self::backoff::Delays;
use self::cached_token::{CachedToken, Freshness};
use self::flight::{Flight, RefreshTask};
pub(crate) use self::rate_limiter::{Rate, RateLimiter};
pub(crate) use self::refusal::Refusal;
use self::runtime::{Mutex, MutexGuard};
pub(crate) use self::runtime::{can_spawn, within};
pub(crate) use self::settings::{Observer, Pacing, Settings};
use self::state::State;
use crate::telemetry::metrics;
use crate::token::Parts;
use crate::{
    AuthError, Credential, Generation, Placement, Provenance, Reason, TokenRequestProblem,
    TokenSource,
};

#[derive(Debug)]
pub(crate) struct TokenCache {
    source: Arc<dyn TokenSource>,
    settings: Settings,
    slot: ArcSwapOption<CachedToken>,
    state: Mutex<State>,
}

/// What a caller without a token finds.
enum Lookup {
    Ready(Credential),
    Flight(Flight),
    /// No token request may be attempted now.
    Denied(AuthError),
}

impl TokenCache {
    pub(crate) fn new(source: Arc<dyn TokenSource>, settings: Settings) -> Self {
        Self {
            source,
            settings,
            slot: ArcSwapOption::empty(),
            state: Mutex::default(),
        }
    }

    /// The generation of the current token.
    pub(crate) fn generation(&self) -> Option<Generation> {
        self.slot.load().as_ref().map(|token| token.generation())
    }

    pub(crate) fn placement(&self) -> &Placement {
        &self.settings.placement
    }

    /// The token, if it is valid. In its refresh window, this starts a background refresh.
    #[inline]
    pub(crate) fn ready(self: &Arc<Self>) -> Option<Credential> {
        self.ready_with(CachedToken::credential)
    }

    /// The same, with the token's parts.
    pub(crate) fn ready_with_parts(self: &Arc<Self>) -> Option<(Credential, Parts)> {
        self.ready_with(|entry| (entry.credential(), entry.parts()))
    }

    #[inline]
    fn ready_with<T>(self: &Arc<Self>, read: impl FnOnce(&CachedToken) -> T) -> Option<T> {
        let entry = self.slot.load();
        let entry = entry.as_ref()?;
        match entry.freshness(&*self.settings.clock) {
            Freshness::Fresh => {}
            Freshness::RefreshDue => self.refresh_in_background(),
            Freshness::Expired => return None,
        }
        self.report_acquired(entry.generation(), Provenance::Cache);
        Some(read(entry))
    }

    /// The token. Waits for the shared token request if there is no valid token.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Credential, AuthError> {
        let outcome = match self.share_refresh().await {
            // The runtime of the token request was shut down, but not that of this caller.
            Err(error) if is_interruption(&error) => self.share_refresh().await,
            outcome => outcome,
        };
        outcome.or_else(|error| self.stale(error))
    }

    async fn share_refresh(self: &Arc<Self>) -> Result<Credential, AuthError> {
        match self.look_up() {
            Lookup::Ready(credential) => Ok(credential),
            Lookup::Flight(flight) => self.wait_or_serve_stale(flight).await,
            Lookup::Denied(error) => Err(error),
        }
    }

    /// Makes a token request now, or waits for the one under way.
    pub(crate) async fn refresh(self: &Arc<Self>) -> Result<Credential, AuthError> {
        let (flight, task) = {
            let mut state = self.state();
            if let Some(flight) = state.flight.as_deref() {
                (flight.clone(), None)
            } else {
                // No limit applies, because the program asks for it. It counts for later automatic
                // requests.
                let now = self.settings.clock.monotonic();
                state
                    .token_requests
                    .take(self.settings.pacing.refresh_limit, now);
                self.start(&mut state, Reason::Forced)
            }
        };
        spawn(task);
        self.wait_for(flight).await
    }

    async fn wait_for(self: &Arc<Self>, flight: Flight) -> Result<Credential, AuthError> {
        let reason = flight.reason();
        let _waiting = metrics::Waiting::begin(self.settings.label);
        let outcome = flight
            .clone()
            .outcome(self.settings.pacing.refresh_timeout)
            .await;
        match &outcome {
            Ok(credential) => {
                if let Some(generation) = credential.id().generation() {
                    self.report_acquired(generation, Provenance::Refresh(reason));
                }
            }
            Err(error) if is_interruption(error) => self.abandon(&flight),
            Err(_) => {}
        }
        outcome
    }

    /// Returns the token request under way, or starts one if there is still no valid token.
    fn look_up(self: &Arc<Self>) -> Lookup {
        let mut state = self.state();
        let slot = self.slot.load();
        let age = slot
            .as_ref()
            .map(|entry| entry.freshness(&*self.settings.clock));
        if let (Some(entry), Some(Freshness::Fresh | Freshness::RefreshDue)) = (slot.as_ref(), age)
        {
            return Lookup::Ready(entry.credential());
        }
        if let Some(flight) = state.flight.as_deref() {
            return Lookup::Flight(flight.clone());
        }
        if let Some(error) = self.forbids(&state, slot.as_deref()) {
            return Lookup::Denied(error);
        }
        let reason = match slot.as_deref() {
            Some(expired) => {
                state.attempted = Some(expired.generation());
                Reason::Expired
            }
            None => state.absent_because,
        };
        let now = self.settings.clock.monotonic();
        state
            .token_requests
            .take(self.settings.pacing.refresh_limit, now);
        let (flight, task) = self.start(&mut state, reason);
        // A runtime that is shutting down drops the task at once, and the drop takes the lock.
        drop(state);
        spawn(task);
        Lookup::Flight(flight)
    }

    /// Starts a background refresh. If the lock is taken, a later caller starts it.
    #[cold]
    fn refresh_in_background(self: &Arc<Self>) {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let clock = &*self.settings.clock;
        let slot = self.slot.load();
        let is_due = slot
            .as_ref()
            .is_some_and(|entry| entry.freshness(clock) == Freshness::RefreshDue);
        let may = state.flight.is_none() && self.forbids(&state, slot.as_deref()).is_none();
        if is_due && may && can_spawn() {
            let now = clock.monotonic();
            state
                .token_requests
                .take(self.settings.pacing.refresh_limit, now);
            let (_, task) = self.start(&mut state, Reason::AheadOfExpiry);
            drop(state);
            spawn(task);
        }
    }

    /// Why no token request may be made now: the back-off after a failure, except for the one
    /// attempt that the expiry of `token` allows, or an exhausted rate limit.
    fn forbids(&self, state: &State, token: Option<&CachedToken>) -> Option<AuthError> {
        let clock = &*self.settings.clock;
        let now = clock.monotonic();
        let failure = state.failures.forbids(now);
        if let Some(failure) = failure.filter(|_| !state.is_due(token, clock)) {
            return Some(failure.clone());
        }
        let wait = state
            .token_requests
            .wait(self.settings.pacing.refresh_limit, now)?;
        let last = state.last.as_ref().and_then(|last| last.error.as_deref());
        Some(last.cloned().unwrap_or_else(|| throttled(wait)))
    }

    /// Counts one more token request, and returns the delay before it may be sent.
    fn reserve(&self) -> Duration {
        let now = self.settings.clock.monotonic();
        let mut state = self.state();
        state
            .token_requests
            .reserve(self.settings.pacing.refresh_limit, now)
    }

    fn start(self: &Arc<Self>, state: &mut State, reason: Reason) -> (Flight, Option<RefreshTask>) {
        let (flight, task) = Flight::prepare(self, reason);
        state.flight = Some(Box::new(flight.clone()));
        (flight, Some(task))
    }

    /// Forgets a token request whose runtime has stopped.
    fn abandon(&self, flight: &Flight) {
        let mut state = self.state();
        if state.is_current(flight) {
            state.flight = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Only a user's clock can panic under the lock, which leaves the state consistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn(task: Option<RefreshTask>) {
    if let Some(task) = task {
        task.spawn();
    }
}

fn throttled(wait: Duration) -> AuthError {
    let problem = TokenRequestProblem::Throttled;
    AuthError::token_request("the token source", problem).with_retry_after(wait)
}

fn is_interruption(error: &AuthError) -> bool {
    matches!(
        error,
        AuthError::TokenRequest {
            problem: TokenRequestProblem::Interrupted,
            ..
        }
    )
}

#[cfg(all(test, multi_auth_shuttle))]
mod interleavings;
