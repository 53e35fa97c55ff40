//! A circuit breaker: after a failure, no command is sent until a delay has passed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use multi_auth::Clock;

use crate::delays::Delays;

/// The failures in a row, and until when the server is not asked.
pub(super) struct Breaker {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    until: Option<Instant>,
}

const DELAYS: Delays = Delays {
    first: Duration::from_millis(250),
    longest: Duration::from_secs(5),
};

impl Breaker {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    /// Whether the server may be asked.
    pub(super) fn is_closed(&self) -> bool {
        self.state()
            .until
            .is_none_or(|until| self.clock.monotonic() >= until)
    }

    pub(super) fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// The server did not answer: it is not asked for 250 milliseconds, then for twice as long each
    /// time, and for 5 seconds at most. Each is randomly shortened by up to half.
    pub(super) fn failed(&self) {
        let mut state = self.state();
        let delay = DELAYS.after(state.failures);
        state.failures = state.failures.saturating_add(1);
        state.until = Some(self.clock.monotonic() + delay);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use multi_auth::SystemClock;

    use super::*;

    /// A clock that a test advances.
    #[derive(Debug)]
    struct Moved(Mutex<Instant>);

    impl Clock for Moved {
        fn monotonic(&self) -> Instant {
            *self.0.lock().unwrap()
        }

        fn wall(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }
    }

    #[test]
    fn a_server_is_asked_again_after_a_pause_that_grows_to_5_seconds() {
        let clock = Arc::new(Moved(Mutex::new(SystemClock.monotonic())));
        let advance = |by| *clock.0.lock().unwrap() += by;
        let breaker = Breaker::new(Arc::clone(&clock) as Arc<dyn Clock>);
        assert!(breaker.is_closed());
        for longest in [250, 500, 1000, 2000, 4000, 5000, 5000] {
            breaker.failed();
            assert!(!breaker.is_closed());
            advance(Duration::from_millis(longest));
            assert!(breaker.is_closed(), "{longest}");
        }
        breaker.succeeded();
        breaker.failed();
        advance(DELAYS.first);
        assert!(breaker.is_closed());
    }
}
