//! What time it is, twice: on a clock that never goes back, and on the wall.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

/// Tells the time, so that a test can say what it is.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The clock that never goes back, but may stand still while a machine is suspended.
    fn monotonic(&self) -> Instant;
    /// The clock on the wall, which people and vendors can set.
    fn wall(&self) -> SystemTime;
}

/// A pointer to a clock is one.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<T: Clock + ?Sized> Clock for $pointer {
            fn monotonic(&self) -> Instant {
                (**self).monotonic()
            }

            fn wall(&self) -> SystemTime {
                (**self).wall()
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);

/// The machine's clocks. The monotonic one is Tokio's, which a test can pause and move.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The one that is used where nobody sets another, shared by all.
    pub(crate) fn shared() -> Arc<dyn Clock> {
        static SHARED: LazyLock<Arc<dyn Clock>> = LazyLock::new(|| Arc::new(SystemClock));
        Arc::clone(&SHARED)
    }

    /// The monotonic clock, which no test pauses or moves: for what all tests of a process share.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub(crate) fn unpaused() -> Instant {
        Instant::now()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn monotonic(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }
}
