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
        let longest = self.first.saturating_mul(1 << doublings).min(self.longest);
        longest.mul_f64(1.0 - 0.5 * jitter::draw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest_and_jitter_shortens_them_by_up_to_half() {
        let delays = Delays {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(60),
        };
        for (failures, longest) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (1_000, 60)] {
            let delay = delays.after(failures);
            let longest = Duration::from_secs(longest);
            assert!(
                (longest / 2..=longest).contains(&delay),
                "{failures}: {delay:?}"
            );
        }
    }
}
