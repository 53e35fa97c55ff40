//! The state that the lock of the cache guards.

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
    /// Boxed: there is rarely one.
    pub(super) flight: Option<Box<Flight>>,
    pub(super) failures: Failures,
    /// The tokens that callers may have.
    pub(super) issued: Issued,
    /// Why the slot is empty.
    pub(super) absent_because: Reason,
    /// The invalidated token, to be served if no other is available.
    pub(super) stale: Option<Arc<CachedToken>>,
    /// The last refused token. The same token again is not a newer generation.
    pub(super) refused: Option<Arc<CachedToken>>,
    /// The limit of token requests that refusals cause.
    pub(super) refusals: RateLimiter,
    /// The limit of token requests for any reason.
    pub(super) token_requests: RateLimiter,
    /// The token whose expiry has used its attempt.
    pub(super) attempted: Option<Generation>,
    pub(super) last: Option<Last>,
}

/// The last token request that ended.
#[derive(Debug)]
pub(super) struct Last {
    pub(super) reason: Reason,
    /// Boxed: it is large and rarely there.
    pub(super) error: Option<Box<AuthError>>,
    pub(super) ended: Instant,
}

impl State {
    pub(super) fn is_current(&self, flight: &Flight) -> bool {
        self.flight.as_ref().is_some_and(|own| own.is_same(flight))
    }

    /// Whether `token` has expired and its expiry has not used its attempt, which no back-off
    /// forbids.
    pub(super) fn is_due(&self, token: Option<&CachedToken>, clock: &dyn Clock) -> bool {
        token.is_some_and(|token| {
            self.attempted != Some(token.generation())
                && token.freshness(clock) == Freshness::Expired
        })
    }
}
