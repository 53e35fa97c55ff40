//! Delays between attempts.

use std::time::Duration;

/// Delays that double from the first to the longest.
pub(crate) struct Delays {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Delays {
    /// The delay after `failures` earlier failures, randomly shortened by up to half.
    pub(crate) fn after(&self, failures: u32) -> Duration {
        let delay = self.first.saturating_mul(1 << failures.min(31));
        delay.min(self.longest).mul_f64(1.0 - fastrand::f64() / 2.0)
    }
}
