//! How many exchanges refusals may cause: a few at once, then one per interval.
//!
//! A vendor that reports a missing permission as 401 would else cause an exchange with every
//! request. This is the generic cell rate algorithm (ITU-T I.371): one moment is all its state.

use std::time::{Duration, Instant};

/// How often something may happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    /// How often at once.
    pub(crate) burst: u32,
    /// How often after that: once per interval.
    pub(crate) interval: Duration,
}

/// What is left of a rate.
#[derive(Debug, Default)]
pub(super) struct Allowance {
    /// When all of the burst will be there again.
    full_at: Option<Instant>,
}

impl Allowance {
    /// Takes one, if there is one at `now`.
    pub(super) fn take(&mut self, rate: Rate, now: Instant) -> bool {
        let full_at = self.full_at.map_or(now, |full_at| full_at.max(now));
        let room = rate.interval.saturating_mul(rate.burst.saturating_sub(1));
        if full_at.duration_since(now) > room {
            return false;
        }
        self.full_at = full_at.checked_add(rate.interval);
        true
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
        let mut allowance = Allowance::default();
        let taken = [0, 0, 0, 0, 9, 10, 10, 20, 100, 100, 100, 100]
            .map(|seconds| allowance.take(rate, at(seconds)));
        assert_eq!(
            taken,
            [
                true, true, true, false, false, true, false, true, true, true, true, false
            ]
        );
    }
}
