//! The monotonic clock and the wall clock.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::{Instant, SystemTime};

/// The source of the current time. Implement it to control the time in a test.
///
/// ```
/// use std::time::{Duration, Instant, SystemTime};
///
/// use multi_auth::{Clock, SystemClock};
///
/// /// A clock that is an hour ahead.
/// #[derive(Debug)]
/// struct Ahead;
///
/// impl Clock for Ahead {
///     fn monotonic(&self) -> Instant {
///         SystemClock.monotonic()
///     }
///
///     fn wall(&self) -> SystemTime {
///         SystemClock.wall() + Duration::from_secs(3600)
///     }
/// }
/// ```
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time on a clock that never goes backwards. It may stop while the machine is suspended.
    fn monotonic(&self) -> Instant;
    /// The time of day. People and time servers can set this clock.
    fn wall(&self) -> SystemTime;
}

/// A pointer to a clock is a clock.
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

/// The clocks of this machine. The monotonic clock is Tokio's, so a test can pause and advance it.
///
/// ```
/// use multi_auth::{Clock, SystemClock};
///
/// let start = SystemClock.monotonic();
/// assert!(SystemClock.monotonic() >= start);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The default clock, shared by all caches.
    pub(crate) fn shared() -> Arc<dyn Clock> {
        static SHARED: LazyLock<Arc<dyn Clock>> = LazyLock::new(|| Arc::new(SystemClock));
        Arc::clone(&SHARED)
    }

    /// The monotonic clock, which Tokio cannot pause, for state that all tests of a process share.
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
