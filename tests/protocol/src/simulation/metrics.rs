//! What is counted.

use super::Time;
use super::vendor::Response;

/// What was counted in each minute.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// The token requests that reached the vendor.
    pub requests: Vec<u32>,
    /// Those beyond the vendor's limit.
    pub exceeded: Vec<u32>,
    /// The requests that failed without a token.
    pub failed: Vec<u64>,
    /// How often the store was asked.
    pub store_calls: Vec<u64>,
}

/// The counts from one minute to another.
#[derive(Clone, Copy, Debug)]
pub struct Span<'m> {
    metrics: &'m Metrics,
    from: usize,
    to: usize,
}

fn minute(time: Time) -> usize {
    usize::try_from(time.as_secs() / 60).unwrap_or(usize::MAX)
}

impl Metrics {
    pub(super) fn new(length: Time) -> Self {
        let minutes = minute(length) + 1;
        Self {
            requests: vec![0; minutes],
            exceeded: vec![0; minutes],
            failed: vec![0; minutes],
            store_calls: vec![0; minutes],
        }
    }

    pub(super) fn request(&mut self, now: Time, response: Response) {
        self.requests[minute(now)] += 1;
        let is_exceeded = matches!(response, Response::TooMany(_));
        self.exceeded[minute(now)] += u32::from(is_exceeded);
    }

    pub(super) fn fail(&mut self, now: Time, requests: u64) {
        self.failed[minute(now)] += requests;
    }

    pub(super) fn ask_store(&mut self, now: Time) {
        self.store_calls[minute(now)] += 1;
    }

    /// The counts between two times.
    #[must_use]
    pub fn between(&self, from: Time, to: Time) -> Span<'_> {
        Span {
            metrics: self,
            from: minute(from),
            to: minute(to),
        }
    }
}

impl Span<'_> {
    /// The token requests.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.minutes().iter().sum()
    }

    /// The token requests beyond the vendor's limit.
    #[must_use]
    pub fn exceeded(&self) -> u32 {
        self.metrics.exceeded[self.from..self.to].iter().sum()
    }

    /// The requests that failed.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.metrics.failed[self.from..self.to].iter().sum()
    }

    /// The token requests of the busiest minute.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.minutes().iter().copied().max().unwrap_or(0)
    }

    /// How often the store was asked in a second of the busiest minute.
    #[must_use]
    pub fn store_peak(&self) -> u64 {
        let calls = &self.metrics.store_calls[self.from..self.to];
        calls.iter().max().unwrap_or(&0) / 60
    }

    /// The token requests of a minute, on average.
    #[must_use]
    pub fn mean(&self) -> f64 {
        f64::from(self.requests()) / as_f64(self.to - self.from)
    }

    /// The busiest window of the length `window`, in relation to the average one.
    #[must_use]
    pub fn peak_to_mean(&self, window: Time) -> f64 {
        let width = minute(window);
        let sums = self.minutes().windows(width);
        let peak = sums.map(|window| window.iter().sum::<u32>()).max();
        f64::from(peak.unwrap_or(0)) / (self.mean() * as_f64(width))
    }

    fn minutes(&self) -> &[u32] {
        &self.metrics.requests[self.from..self.to]
    }
}

fn as_f64(minutes: usize) -> f64 {
    f64::from(u32::try_from(minutes).unwrap_or(u32::MAX))
}
