//! A clock for tests.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use multi_auth::{Clock, SystemClock};

/// A wall clock that stands still.
#[derive(Debug)]
pub(crate) struct At(pub(crate) SystemTime);

/// A clock that shows this time since 1970.
pub(crate) fn at(since: Duration) -> Arc<dyn Clock> {
    Arc::new(At(UNIX_EPOCH + since))
}

impl Clock for At {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        self.0
    }
}
