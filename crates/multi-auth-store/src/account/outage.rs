//! What a process with a valid token does while the store does not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use multi_auth::{Reason, Token};

/// When the process requests a token without the store.
///
/// All processes share one token, so it is due in all of them at about the same time. Each one
/// waits for a random part of what is left of it, in the hope that the store answers again.
#[derive(Default)]
pub(super) struct Outage(Mutex<State>);

#[derive(Default)]
struct State {
    /// The expiry of the token that the process has.
    expiry: Option<SystemTime>,
    alone_from: Option<SystemTime>,
}

/// How long before the expiry no process waits any more. A cache tries again after a minute at
/// most, and its callers must not have to wait for that.
const RESERVE: Duration = Duration::from_secs(90);

impl Outage {
    /// The process has `token` now.
    pub(super) fn reset(&self, token: &Token) {
        *self.state() = State {
            expiry: token.expiry(),
            alone_from: None,
        };
    }

    /// Whether the process uses the token that it has for some more time.
    pub(super) fn waits(&self, reason: Reason, now: SystemTime) -> bool {
        let mut state = self.state();
        let left = state
            .expiry
            .and_then(|expiry| expiry.duration_since(now).ok());
        let spread = left.and_then(|left| left.checked_sub(RESERVE));
        let (Reason::AheadOfExpiry, Some(spread)) = (reason, spread) else {
            return false;
        };
        let part = spread.mul_f64(fastrand::f64());
        now < *state.alone_from.get_or_insert(now + part)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn processes_with_a_valid_token_spread_over_what_is_left_of_it() {
        let now = SystemTime::UNIX_EPOCH;
        let waiting = |after| {
            let waits = |_: &usize| {
                let outage = Outage::default();
                outage.reset(&Token::new("t").with_expiry(now + HOUR));
                outage.waits(Reason::AheadOfExpiry, now);
                outage.waits(Reason::AheadOfExpiry, now + after)
            };
            (0..1_000).filter(waits).count()
        };
        assert!((500..680).contains(&waiting(HOUR * 4 / 10)));
        assert_eq!(waiting(Duration::from_secs(3600 - 90)), 0);
    }

    #[test]
    fn a_process_without_a_valid_token_does_not_wait() {
        let now = SystemTime::UNIX_EPOCH;
        let outage = Outage::default();
        assert!(!outage.waits(Reason::AheadOfExpiry, now));
        outage.reset(&Token::new("t").with_expiry(now + RESERVE));
        assert!(!outage.waits(Reason::AheadOfExpiry, now + Duration::from_secs(1)));
        outage.reset(&Token::new("t").with_expiry(now + HOUR));
        for reason in [
            Reason::Cold,
            Reason::Expired,
            Reason::Refused,
            Reason::Forced,
        ] {
            assert!(!outage.waits(reason, now), "{reason:?}");
        }
    }
}
