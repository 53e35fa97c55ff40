//! Keeps one token: handed over while it is good, exchanged once for all when it is not.
//!
//! Readers load a pointer. Everything else happens under one lock that is never held across an
//! await, with a second look at the token after the lock is taken.

mod allowance;
mod entry;
mod flight;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use self::allowance::Allowance;
pub(crate) use self::allowance::Rate;
use self::entry::Entry;
use self::flight::{Flight, FlightId};
use crate::{
    AuthError, Clock, Credential, ExchangeProblem, Lease, Placement, SystemClock, TokenSource,
};

/// What the owner of an engine may choose.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) placement: Placement,
    pub(crate) exchange_timeout: Duration,
    pub(crate) refusals: Rate,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            placement: Placement::bearer(),
            exchange_timeout: Duration::from_secs(30),
            refusals: Rate {
                burst: 5,
                interval: Duration::from_secs(10),
            },
            clock: Arc::new(SystemClock),
        }
    }
}

/// What comes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A newer token is there or can be had.
    Renewable,
    /// Refusals have caused enough exchanges for now.
    Throttled,
}

#[derive(Debug)]
pub(crate) struct Engine {
    source: Arc<dyn TokenSource>,
    settings: Settings,
    slot: ArcSwapOption<Entry>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    flight: Option<Flight>,
    /// The token refused last. The same token again is no newer generation.
    refused: Option<Arc<Entry>>,
    /// How many more exchanges refusals may cause.
    refusals: Allowance,
}

/// What a caller without a token finds.
enum Boarding {
    AtHand(Credential),
    Flight(Flight),
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

    /// The token, if a good one is here.
    pub(crate) fn at_hand(&self) -> Option<Credential> {
        let entry = self.slot.load();
        let entry = entry.as_ref()?;
        entry
            .is_good(&*self.settings.clock)
            .then(|| entry.credential().clone())
    }

    /// The token, waiting for the one exchange where none is here.
    pub(crate) async fn acquire(self: &Arc<Self>) -> Result<Credential, AuthError> {
        match self.share_flight().await {
            // The runtime that carried the exchange is gone. This caller's own is not.
            Err(AuthError::Exchange {
                problem: ExchangeProblem::Interrupted,
                ..
            }) => self.share_flight().await,
            outcome => outcome,
        }
    }

    async fn share_flight(self: &Arc<Self>) -> Result<Credential, AuthError> {
        match self.board() {
            Boarding::AtHand(credential) => Ok(credential),
            Boarding::Flight(flight) => flight.outcome().await,
        }
    }

    /// Joins the exchange under way, or starts one if the token is still missing.
    fn board(self: &Arc<Self>) -> Boarding {
        let mut state = self.state();
        if let Some(credential) = self.at_hand() {
            return Boarding::AtHand(credential);
        }
        if let Some(flight) = &state.flight {
            return Boarding::Flight(flight.clone());
        }
        let (flight, departure) = Flight::prepare(self);
        state.flight = Some(flight.clone());
        // A runtime that is shutting down drops the exchange at once, and that takes the lock.
        drop(state);
        departure.depart();
        Boarding::Flight(flight)
    }

    /// Takes note that the token under `lease` was refused. An older one says nothing new.
    pub(crate) fn refuse(&self, lease: &Lease) -> Refusal {
        let mut state = self.state();
        let Some(entry) = self
            .slot
            .load_full()
            .filter(|entry| lease.holds(entry.generation()))
        else {
            return Refusal::Renewable;
        };
        let now = self.settings.clock.monotonic();
        if !state.refusals.take(self.settings.refusals, now) {
            return Refusal::Throttled;
        }
        state.refused = Some(entry);
        self.slot.store(None);
        Refusal::Renewable
    }

    /// Forgets the token, and the one that is on its way.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        state.flight = None;
        state.refused = None;
        self.slot.store(None);
    }

    /// Takes an exchange's outcome in, before those who wait for it are told.
    fn land(
        &self,
        flight: FlightId,
        outcome: Result<Entry, AuthError>,
    ) -> Result<Credential, AuthError> {
        let mut state = self.state();
        if !state.flight.as_ref().is_some_and(|own| own.id() == flight) {
            return outcome.map(|entry| entry.credential().clone());
        }
        state.flight = None;
        let mut entry = outcome?;
        match &state.refused {
            // The vendor gave out the refused token once more: that is no newer generation.
            Some(refused) if refused.is_same_token(&entry) => {
                entry = entry.of(refused.generation());
            }
            Some(_) | None => state.refused = None,
        }
        let credential = entry.credential().clone();
        self.slot.store(Some(Arc::new(entry)));
        Ok(credential)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic runs under the lock, and the state is whole at every step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
