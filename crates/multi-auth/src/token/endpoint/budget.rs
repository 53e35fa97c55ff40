//! Limits the token requests of this process at one endpoint, over all accounts.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use crate::SystemClock;
use crate::token::cache::{Rate, RateLimiter};

/// 1,000 at once, then 50 per second: enough for many accounts at a cold start, without flooding
/// the endpoint.
const DEFAULT: Rate = Rate {
    burst: 1_000,
    interval: Duration::from_millis(20),
};

/// The rate limit that all token requests at one origin share.
#[derive(Debug)]
pub(crate) struct Budget {
    origin: String,
    /// `None` for no limit.
    pub(super) rate: Option<Rate>,
}

impl Budget {
    /// The default limit for the origin of `endpoint`.
    pub(crate) fn of(endpoint: &Url) -> Self {
        Self {
            origin: endpoint.origin().ascii_serialization(),
            rate: Some(DEFAULT),
        }
    }

    /// Takes one permit, or returns the time until one is available.
    pub(crate) fn take(&self) -> Result<(), Duration> {
        static ALL: LazyLock<Mutex<Shared>> = LazyLock::new(Mutex::default);
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.take(&self.origin, rate, SystemClock::unpaused())
    }
}

/// The state of each limit. A limit whose full burst is available is removed, so the map holds only
/// those in recent use.
#[derive(Default)]
struct Shared(HashMap<Key, RateLimiter>);

/// The origin, the burst and the interval: each rate counts separately.
type Key = (String, u32, Duration);

impl Shared {
    fn take(&mut self, origin: &str, rate: Rate, now: Instant) -> Result<(), Duration> {
        // Clean up each time the number of limits doubles.
        if self.0.len().is_power_of_two() {
            self.0.retain(|_, limiter| !limiter.is_full(now));
        }
        let key = (origin.to_owned(), rate.burst, rate.interval);
        let limiter = self.0.entry(key).or_default();
        if limiter.take(rate, now) {
            return Ok(());
        }
        Err(limiter.wait(rate, now).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "https://a.example";

    #[test]
    fn each_rate_at_one_origin_is_limited_separately() {
        let (mut shared, now) = (Shared::default(), SystemClock::unpaused());
        let strict = Rate {
            burst: 1,
            interval: Duration::MAX,
        };
        assert!(shared.take(A, strict, now).is_ok());
        assert!(shared.take(A, strict, now).is_err());
        assert!(shared.take(A, DEFAULT, now).is_ok());
        assert!(shared.take("https://b.example", strict, now).is_ok());
    }

    #[test]
    fn a_limit_is_kept_until_its_burst_is_available_again() {
        let (mut shared, now) = (Shared::default(), SystemClock::unpaused());
        for number in 0..1_000 {
            let origin = format!("https://{number}.example");
            assert!(shared.take(&origin, DEFAULT, now).is_ok());
        }
        assert_eq!(shared.0.len(), 1_000);
        for number in 0..100 {
            let later = now + Duration::from_secs(60 + number);
            assert!(shared.take(A, DEFAULT, later).is_ok());
            assert!(shared.take(&format!("{A}{number}"), DEFAULT, later).is_ok());
        }
        assert!(shared.0.len() < 1_200, "{}", shared.0.len());
    }
}
