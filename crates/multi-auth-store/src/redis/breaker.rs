//! Leaves a server that does not answer alone for a while, so that its outage costs each token
//! request no time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The failures in a row, and until when the server is not asked.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
}

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(5);

impl Breaker {
    /// Whether the server may be asked.
    pub(super) fn is_closed(&self) -> bool {
        self.state()
            .until
            .is_none_or(|until| Instant::now() >= until)
    }

    pub(super) fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// The server did not answer: it is not asked for 250 milliseconds, then for twice as long each
    /// time, and for 5 seconds at most. Each is randomly shortened by up to half.
    pub(super) fn failed(&self) {
        let mut state = self.state();
        let delay = FIRST
            .saturating_mul(1 << state.failures.min(16))
            .min(LONGEST);
        state.failures = state.failures.saturating_add(1);
        state.until = Some(Instant::now() + delay.mul_f64(1.0 - fastrand::f64() / 2.0));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_server_is_asked_again_after_a_pause_that_grows_to_5_seconds() {
        let breaker = Breaker::default();
        assert!(breaker.is_closed());
        for longest in [250, 500, 1000, 2000, 4000, 5000, 5000] {
            breaker.failed();
            assert!(!breaker.is_closed());
            tokio::time::advance(Duration::from_millis(longest)).await;
            assert!(breaker.is_closed(), "{longest}");
        }
        breaker.succeeded();
        breaker.failed();
        tokio::time::advance(FIRST).await;
        assert!(breaker.is_closed());
    }
}
