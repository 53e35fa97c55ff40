//! A clock that a test advances.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use multi_auth::{Clock, SystemClock};

/// The system's clock with the monotonic time advanced.
#[derive(Debug, Default)]
pub(crate) struct ManualClock(Mutex<Duration>);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for ManualClock {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic() + *self.0.lock().unwrap()
    }

    fn wall(&self) -> SystemTime {
        SystemClock.wall()
    }
}
