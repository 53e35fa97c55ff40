//! Keeps one token: handed over while it is good, renewed ahead of its end with nobody waiting,
//! exchanged once for all when there is none.
//!
//! Readers load a pointer. Everything else happens under one lock that is never held across an
//! await, with a second look at the token after the lock is taken. Observers are told after it is
//! released.

mod allowance;
mod backoff;
mod entry;
mod flight;
mod guarded;
mod issued;
mod jitter;
mod landing;
mod refusal;
mod report;
mod settings;
mod stale;
mod state;
mod surroundings;
mod window;

use std::sync::{Arc, PoisonError, TryLockError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

pub(crate) use self::allowance::{Allowance, Rate};
pub(crate) use self::backoff::Delays;
use self::entry::{Age, Entry};
use self::flight::{Departure, Flight};
pub(crate) use self::refusal::Refusal;
pub(crate) use self::settings::{Observer, Settings};
use self::state::State;
use self::surroundings::{Mutex, MutexGuard};
pub(crate) use self::surroundings::{can_spawn, within};
use crate::{
    AuthError, Credential, ExchangeProblem, Placement, Provenance, Reason, TokenSource, metrics,
};

#[derive(Debug)]
pub(crate) struct Engine {
    source: Arc<dyn TokenSource>,
    settings: Settings,
    slot: ArcSwapOption<Entry>,
    state: Mutex<State>,
}

/// What a caller without a token finds.
enum Boarding {
    AtHand(Credential),
    Flight(Flight),
    /// No exchange may be attempted now.
    Grounded(AuthError),
}

impl Engine {
    pub(crate) fn new(source: Arc<dyn TokenSource>, settings: Settings) -> Self {
        Self {
            source,
            settings,
            slot: ArcSwapOption::empty(),
            state: Mutex::default(),
        }
    }

    pub(crate) fn placement(&self) -> &Placement {
        &self.settings.placement
    }

    /// The token, if a good one is here. In its window, a newer one is sent for.
    #[inline]
    pub(crate) fn at_hand(self: &Arc<Self>) -> Option<Credential> {
        let entry = self.slot.load();
        let entry = entry.as_ref()?;
        match entry.age(&*self.settings.clock) {
            Age::Fresh => {}
            Age::InWindow => self.renew_ahead(),
            Age::Ended => return None,
        }
        self.tell_acquired(entry.generation(), Provenance::Cache);
        Some(entry.credential())
    }

    /// The token, waiting for the one exchange where none is here.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Credential, AuthError> {
        let outcome = match self.share_flight().await {
            // The runtime that carried the exchange is gone. This caller's own is not.
            Err(error) if is_interruption(&error) => self.share_flight().await,
            outcome => outcome,
        };
        outcome.or_else(|error| self.stale(error))
    }

    async fn share_flight(self: &Arc<Self>) -> Result<Credential, AuthError> {
        match self.board() {
            Boarding::AtHand(credential) => Ok(credential),
            Boarding::Flight(flight) => self.fly_patiently(flight).await,
            Boarding::Grounded(error) => Err(error),
        }
    }

    /// Exchanges now, whatever there is at hand; joins the exchange under way if there is one.
    pub(crate) async fn renew(self: &Arc<Self>) -> Result<Credential, AuthError> {
        let (flight, departure) = {
            let mut state = self.state();
            if let Some(flight) = &state.flight {
                (flight.clone(), None)
            } else {
                // It is asked for, and so nothing forbids it. What follows by itself waits the longer.
                let now = self.settings.clock.monotonic();
                state.exchanges.take(self.settings.exchanges, now);
                self.start(&mut state, Reason::Forced)
            }
        };
        depart(departure);
        self.fly(flight).await
    }

    async fn fly(self: &Arc<Self>, flight: Flight) -> Result<Credential, AuthError> {
        let reason = flight.reason();
        let _waiting = metrics::Waiting::begin(self.settings.label);
        let outcome = flight.clone().outcome(self.settings.exchange_timeout).await;
        match &outcome {
            Ok(credential) => {
                if let Some(generation) = credential.lease().generation() {
                    self.tell_acquired(generation, Provenance::Exchange(reason));
                }
            }
            Err(error) if is_interruption(error) => self.abandon(&flight),
            Err(_) => {}
        }
        outcome
    }

    /// Joins the exchange under way, or starts one if the token is still missing.
    fn board(self: &Arc<Self>) -> Boarding {
        let mut state = self.state();
        let slot = self.slot.load();
        let age = slot.as_ref().map(|entry| entry.age(&*self.settings.clock));
        if let (Some(entry), Some(Age::Fresh | Age::InWindow)) = (slot.as_ref(), age) {
            return Boarding::AtHand(entry.credential());
        }
        if let Some(flight) = &state.flight {
            return Boarding::Flight(flight.clone());
        }
        if let Some(error) = self.forbids(&state, slot.as_deref()) {
            return Boarding::Grounded(error);
        }
        let reason = match slot.as_deref() {
            Some(expired) => {
                state.attempted = Some(expired.generation());
                Reason::Expired
            }
            None => state.absent,
        };
        let now = self.settings.clock.monotonic();
        state.exchanges.take(self.settings.exchanges, now);
        let (flight, departure) = self.start(&mut state, reason);
        // A runtime that is shutting down drops the exchange at once, and that takes the lock.
        drop(state);
        depart(departure);
        Boarding::Flight(flight)
    }

    /// Sends for a newer token while the one at hand is used. Whoever finds the lock taken leaves
    /// it to the next one.
    #[cold]
    fn renew_ahead(self: &Arc<Self>) {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        let clock = &*self.settings.clock;
        let slot = self.slot.load();
        let is_due = slot
            .as_ref()
            .is_some_and(|entry| entry.age(clock) == Age::InWindow);
        let may = state.flight.is_none() && self.forbids(&state, slot.as_deref()).is_none();
        if is_due && may && can_spawn() {
            let now = clock.monotonic();
            state.exchanges.take(self.settings.exchanges, now);
            let (_, departure) = self.start(&mut state, Reason::AheadOfExpiry);
            drop(state);
            depart(departure);
        }
    }

    /// What forbids an exchange now: the pause after a failure, though not the one attempt that the expiry of
    /// `token` allows, and in any case a number of exchanges that is spent.
    fn forbids(&self, state: &State, token: Option<&Entry>) -> Option<AuthError> {
        let clock = &*self.settings.clock;
        let now = clock.monotonic();
        let failure = state.failures.forbids(now);
        if let Some(failure) = failure.filter(|_| !state.is_due(token, clock)) {
            return Some(failure.clone());
        }
        let wait = state.exchanges.wait(self.settings.exchanges, now)?;
        let last = state.last.as_ref().and_then(|last| last.error.as_deref());
        Some(last.cloned().unwrap_or_else(|| throttled(wait)))
    }

    /// Takes one exchange more, and tells how long it has to wait.
    fn reserve(&self) -> Duration {
        let now = self.settings.clock.monotonic();
        let mut state = self.state();
        state.exchanges.reserve(self.settings.exchanges, now)
    }

    fn start(self: &Arc<Self>, state: &mut State, reason: Reason) -> (Flight, Option<Departure>) {
        let (flight, departure) = Flight::prepare(self, reason);
        state.flight = Some(flight.clone());
        (flight, Some(departure))
    }

    /// Gives an exchange up whose runtime does not carry it on.
    fn abandon(&self, flight: &Flight) {
        let mut state = self.state();
        if state.is_flying(flight) {
            state.flight = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Only a clock of the user's own could panic under the lock, and the state is whole then.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn depart(departure: Option<Departure>) {
    if let Some(departure) = departure {
        departure.depart();
    }
}

fn throttled(wait: Duration) -> AuthError {
    let problem = ExchangeProblem::Throttled;
    AuthError::exchange("the token source", problem).with_retry_after(wait)
}

fn is_interruption(error: &AuthError) -> bool {
    matches!(
        error,
        AuthError::Exchange {
            problem: ExchangeProblem::Interrupted,
            ..
        }
    )
}

#[cfg(all(test, multi_auth_shuttle))]
mod interleavings;
