//! What the cache's lock guards.

use std::sync::Arc;
use std::time::Instant;

use super::Flight;
use super::cached_token::{CachedToken, Freshness};
use super::failures::Failures;
use super::issued::Issued;
use super::rate_limiter::RateLimiter;
use crate::{AuthError, Clock, Generation, Reason};

#[derive(Debug, Default)]
pub(super) struct State {
    /// In a box: most of the time there is none.
    pub(super) flight: Option<Box<Flight>>,
    pub(super) failures: Failures,
    /// The tokens that callers may have got.
    pub(super) issued: Issued,
    /// Why the slot is empty.
    pub(super) absent: Reason,
    /// The token that was invalidated, to be served if all else fails.
    pub(super) stale: Option<Arc<CachedToken>>,
    /// The token refused last. The same token again is no newer generation.
    pub(super) refused: Option<Arc<CachedToken>>,
    /// How many more token requests refusals may cause.
    pub(super) refusals: RateLimiter,
    /// How many more token requests there may be, whatever causes them.
    pub(super) exchanges: RateLimiter,
    /// The token whose expiry has had its attempt.
    pub(super) attempted: Option<Generation>,
    pub(super) last: Option<Last>,
}

/// The token request that ended last.
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

    /// Whether `token` has expired and its expiry has had no attempt yet: no pause forbids that
    /// one.
    pub(super) fn is_due(&self, token: Option<&CachedToken>, clock: &dyn Clock) -> bool {
        token.is_some_and(|token| {
            self.attempted != Some(token.generation())
                && token.freshness(clock) == Freshness::Expired
        })
    }
}
