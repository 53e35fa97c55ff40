//! A clock that tests set: its monotonic and its wall time move independently.

use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use multi_auth::{Clock, SystemClock};

/// The clock of a test.
#[derive(Debug)]
pub struct TestClock(Mutex<Moment>);

/// Both times at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The monotonic time.
    pub monotonic: Instant,
    /// The wall time.
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
    /// The current times.
    pub fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }

    /// Advances both times.
    pub fn wait(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        now.monotonic += Duration::from_secs(seconds);
        now.wall += Duration::from_secs(seconds);
    }

    /// Moves the wall time forward or back.
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
