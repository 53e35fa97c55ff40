//! Limits token requests: a few at once, then one per interval.
//!
//! There is one limiter for the token requests that refusals cause, one for all token requests of a
//! cache, and one for all token requests at a token endpoint. It is the generic cell rate algorithm
//! (ITU-T I.371), whose state is a single time.

use std::time::{Duration, Instant};

/// A rate limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// The number allowed at once. Zero allows none.
    pub(crate) burst: u32,
    /// After that, one per interval.
    pub(crate) interval: Duration,
}

/// A hundred years: longer than any program runs, and short enough to be added to any time.
const MAX_INTERVAL: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// What is left of a rate.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    /// When the whole burst will be available again.
    full_at: Option<Instant>,
}

impl RateLimiter {
    /// Takes one, if one is available at `now`.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let is_available = self.wait(rate, now).is_none();
        if is_available {
            self.spend(rate, now);
        }
        is_available
    }

    /// Takes one in any case, and returns how long to wait before its use.
    pub(super) fn reserve(&mut self, rate: Rate, now: Instant) -> Duration {
        let wait = self.wait(rate, now).unwrap_or_default();
        self.spend(rate, now);
        wait
    }

    /// Whether the whole burst is available at `now`.
    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.full_at.is_none_or(|full_at| full_at <= now)
    }

    /// How long none is available from `now` on; `None` if one is.
    pub(crate) fn wait(&self, rate: Rate, now: Instant) -> Option<Duration> {
        let Some(others) = rate.burst.checked_sub(1) else {
            return Some(Duration::MAX);
        };
        let until_full = self.full_at?.checked_duration_since(now)?;
        let allowed = rate.interval.min(MAX_INTERVAL).saturating_mul(others);
        until_full
            .checked_sub(allowed)
            .filter(|wait| !wait.is_zero())
    }

    fn spend(&mut self, rate: Rate, now: Instant) {
        let full_at = self.full_at.map_or(now, |full_at| full_at.max(now));
        self.full_at = full_at.checked_add(rate.interval.min(MAX_INTERVAL));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, SystemClock};

    #[test]
    fn a_burst_is_allowed_at_once_and_then_one_per_interval() {
        let rate = Rate {
            burst: 3,
            interval: Duration::from_secs(10),
        };
        let start = SystemClock.monotonic();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut limiter = RateLimiter::default();
        let taken = [0, 0, 0, 0, 9, 10, 10, 20, 100, 100, 100, 100]
            .map(|seconds| limiter.take(rate, at(seconds)));
        assert_eq!(
            taken,
            [
                true, true, true, false, false, true, false, true, true, true, true, false
            ]
        );
    }

    #[test]
    fn a_burst_of_zero_allows_none() {
        let rate = Rate {
            burst: 0,
            interval: Duration::ZERO,
        };
        let now = SystemClock.monotonic();
        assert!(!RateLimiter::default().take(rate, now));
    }

    #[test]
    fn an_infinite_interval_allows_only_the_burst() {
        let rate = Rate {
            burst: 2,
            interval: Duration::MAX,
        };
        let now = SystemClock.monotonic();
        let mut limiter = RateLimiter::default();
        let taken = [0; 4].map(|_| limiter.take(rate, now));
        assert_eq!(taken, [true, true, false, false]);
    }

    #[test]
    fn each_reservation_waits_one_more_interval() {
        let rate = Rate {
            burst: 1,
            interval: Duration::from_secs(10),
        };
        let now = SystemClock.monotonic();
        let mut limiter = RateLimiter::default();
        let waits = [0; 3].map(|_| limiter.reserve(rate, now).as_secs());
        assert_eq!(waits, [0, 10, 20]);
    }
}
