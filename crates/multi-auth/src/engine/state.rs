//! What the engine's lock guards.

use std::sync::Arc;
use std::time::Instant;

use super::Flight;
use super::allowance::Allowance;
use super::backoff::Failures;
use super::entry::{Age, Entry};
use super::issued::Issued;
use crate::{AuthError, Clock, Generation, Reason};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) flight: Option<Flight>,
    pub(super) failures: Failures,
    /// The tokens that callers may have got.
    pub(super) issued: Issued,
    /// Why the slot is empty.
    pub(super) absent: Reason,
    /// The token that was invalidated, to be served if all else fails.
    pub(super) stale: Option<Arc<Entry>>,
    /// The token refused last. The same token again is no newer generation.
    pub(super) refused: Option<Arc<Entry>>,
    /// How many more exchanges refusals may cause.
    pub(super) refusals: Allowance,
    /// How many more exchanges there may be, whatever causes them.
    pub(super) exchanges: Allowance,
    /// The token whose expiry has had its attempt.
    pub(super) attempted: Option<Generation>,
    pub(super) last: Option<Last>,
}

/// The exchange that ended last.
#[derive(Debug)]
pub(super) struct Last {
    pub(super) reason: Reason,
    /// In a box, for it is large and mostly not there.
    pub(super) error: Option<Box<AuthError>>,
    pub(super) ended: Instant,
}

impl State {
    pub(super) fn is_flying(&self, flight: &Flight) -> bool {
        self.flight.as_ref().is_some_and(|own| own.is(flight))
    }

    /// Whether `token` has expired and its expiry has had no attempt yet: no pause forbids that one.
    pub(super) fn is_due(&self, token: Option<&Entry>, clock: &dyn Clock) -> bool {
        token.is_some_and(|token| {
            self.attempted != Some(token.generation()) && token.age(clock) == Age::Ended
        })
    }
}
