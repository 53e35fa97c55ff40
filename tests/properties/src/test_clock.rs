//! Two clocks that are moved by hand, and apart from each other.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use multi_auth::{Clock, SystemClock};

/// The clocks of a test.
#[derive(Debug)]
pub struct TestClock(Mutex<Moment>);

/// What both clocks show at once.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The clock that never goes back.
    pub monotonic: Instant,
    /// The clock on the wall.
    pub wall: SystemTime,
}

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new(Moment {
            monotonic: SystemClock.monotonic(),
            wall: SystemClock.wall(),
        }))
    }
}

impl TestClock {
    /// What they show.
    pub fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }

    /// Lets time pass, on both.
    pub fn wait(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.monotonic += Duration::from_secs(seconds);
        now.wall += Duration::from_secs(seconds);
    }

    /// Sets the clock on the wall, forward or back.
    pub fn jump(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        let by = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 {
            now.wall -= by;
        } else {
            now.wall += by;
        }
    }
}

impl Clock for TestClock {
    fn monotonic(&self) -> Instant {
        self.now().monotonic
    }

    fn wall(&self) -> SystemTime {
        self.now().wall
    }
}
