//! How many token requests one endpoint gets from this process, over all accounts.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use crate::SystemClock;
use crate::token::cache::{Rate, RateLimiter};

/// 1,000 at once, then 50 per second: more than many accounts need at a cold start, and less than a
/// vendor takes for an attack.
const DEFAULT: Rate = Rate {
    burst: 1_000,
    interval: Duration::from_millis(20),
};

/// What one token request may take of what all token requests at its endpoint's origin share.
#[derive(Debug)]
pub(super) struct Budget {
    origin: String,
    /// `None` for no limit at all.
    pub(super) rate: Option<Rate>,
}

impl Budget {
    /// Of the origin of `endpoint`.
    pub(super) fn of(endpoint: &Url) -> Self {
        Self {
            origin: endpoint.origin().ascii_serialization(),
            rate: Some(DEFAULT),
        }
    }

    /// Takes one token request, or tells how long there is none.
    pub(super) fn take(&self) -> Result<(), Duration> {
        static ALL: LazyLock<Mutex<Shared>> = LazyLock::new(Mutex::default);
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        all.take(&self.origin, rate, SystemClock::unpaused())
    }
}

/// What is left of each rate at each origin. One that is whole again is forgotten: so many are kept
/// as were used lately.
#[derive(Default)]
struct Shared(HashMap<Key, RateLimiter>);

/// The origin, the burst and the interval: token requests with another rate count apart.
type Key = (String, u32, Duration);

impl Shared {
    fn take(&mut self, origin: &str, rate: Rate, now: Instant) -> Result<(), Duration> {
        // Each doubling looks at all of them once.
        if self.0.len().is_power_of_two() {
            self.0.retain(|_, allowance| !allowance.is_whole(now));
        }
        let key = (origin.to_owned(), rate.burst, rate.interval);
        let allowance = self.0.entry(key).or_default();
        if allowance.take(rate, now) {
            return Ok(());
        }
        Err(allowance.wait(rate, now).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "https://a.example";

    #[test]
    fn a_rate_takes_nothing_from_another_rate_at_the_same_origin() {
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
    fn what_is_owed_is_kept_until_it_is_whole_again() {
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
