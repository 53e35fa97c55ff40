//! Random times.

use super::Time;

/// A generator with a fixed seed.
pub(super) struct Random(fastrand::Rng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A number in `0.0..1.0`.
    pub(super) fn draw(&mut self) -> f64 {
        self.0.f64()
    }

    /// The time until the next event of a Poisson process.
    pub(super) fn until_next(&mut self, per_second: f64) -> Time {
        Time::from_secs_f64(-(1.0 - self.draw()).ln() / per_second)
    }

    /// A duration, randomly shortened by up to half.
    pub(super) fn shortened(&mut self, longest: Time) -> Time {
        longest.mul_f64(1.0 - 0.5 * self.draw())
    }

    /// How long a token request takes: mostly 0.3 to 3 seconds, with a Pareto tail up to 8.
    pub(super) fn exchange(&mut self) -> Time {
        let seconds = 0.3 * (1.0 - self.draw()).powf(-1.0 / 1.3);
        Time::from_secs_f64(seconds.min(8.0))
    }

    /// How many seconds the clock of an instance is ahead: -5 to 5.
    pub(super) fn clock_error(&mut self) -> f64 {
        10.0 * self.draw() - 5.0
    }
}
