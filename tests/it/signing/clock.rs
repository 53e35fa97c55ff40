//! A clock that stands still.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use multi_auth::{Clock, SystemClock};

/// A wall clock that shows this time, in seconds since 1970.
#[derive(Debug)]
pub(crate) struct At(pub(crate) u64);

impl Clock for At {
    fn monotonic(&self) -> Instant {
        SystemClock.monotonic()
    }

    fn wall(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0)
    }
}
