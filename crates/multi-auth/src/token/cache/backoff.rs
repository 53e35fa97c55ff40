//! Delays between attempts.

use std::time::Duration;

use super::jitter;

/// Delays that double from the first to the longest.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
}

impl Delays {
    /// The delay after `failures` failures in a row, randomly shortened by up to half.
    pub(super) fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let whole = self.first.saturating_mul(1 << doublings).min(self.longest);
        whole.mul_f64(1.0 - 0.5 * jitter::draw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_to_the_longest_and_chance_takes_half_at_most() {
        let delays = Delays {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
        };
        for (failures, whole) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60)] {
            let delay = delays.after(failures);
            let whole = Duration::from_secs(whole);
            assert!(
                (whole / 2..=whole).contains(&delay),
                "{failures}: {delay:?}"
            );
        }
    }
}
