//! What has happened since the configuration was read, for the status page.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use multi_auth::{Clock, SystemClock};

use crate::problem::Problem;

/// How many seconds the rate is measured over.
const SECONDS: u64 = 10;

/// The requests of one caller, or to one vendor.
#[derive(Debug)]
pub(crate) struct Tally {
    requests: AtomicU64,
    refused: AtomicU64,
    under_way: AtomicU64,
    recent: Mutex<Recent>,
    last_problem: Mutex<Option<(Instant, Problem)>>,
}

/// The requests of the last seconds.
#[derive(Debug)]
struct Recent {
    start: Instant,
    /// The second since `start`, and the requests in it.
    seconds: VecDeque<(u64, u64)>,
}

impl Default for Tally {
    fn default() -> Self {
        let recent = Recent {
            start: SystemClock.monotonic(),
            seconds: VecDeque::new(),
        };
        Self {
            requests: AtomicU64::default(),
            refused: AtomicU64::default(),
            under_way: AtomicU64::default(),
            recent: Mutex::new(recent),
            last_problem: Mutex::default(),
        }
    }
}

impl Tally {
    /// Counts a request that begins.
    pub(crate) fn begin(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = recent.now();
        recent.forget(now);
        match recent.seconds.back_mut() {
            Some((second, count)) if *second == now => *count += 1,
            _ => recent.seconds.push_back((now, 1)),
        }
    }

    /// Counts a request that ends.
    pub(crate) fn end(&self) {
        self.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a request that the proxy refused, or that has no response from the vendor.
    pub(crate) fn refuse(&self, problem: &Problem) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let mut last = self
            .last_problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last = Some((SystemClock.monotonic(), problem.clone()));
    }

    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    pub(crate) fn under_way(&self) -> u64 {
        self.under_way.load(Ordering::Relaxed)
    }

    /// The mean number of requests per second, in the last ten seconds.
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    pub(crate) fn rate(&self) -> f64 {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let now = recent.now();
        recent.forget(now);
        let count: u64 = recent.seconds.iter().map(|(_, count)| count).sum();
        count as f64 / SECONDS as f64
    }

    /// The last problem, and how many seconds ago it was.
    pub(crate) fn last_problem(&self) -> Option<(u64, Problem)> {
        let last = self
            .last_problem
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (at, problem) = last.as_ref()?;
        let ago = SystemClock.monotonic().saturating_duration_since(*at);
        Some((ago.as_secs(), problem.clone()))
    }
}

impl Recent {
    fn now(&self) -> u64 {
        SystemClock
            .monotonic()
            .saturating_duration_since(self.start)
            .as_secs()
    }

    fn forget(&mut self, now: u64) {
        while self
            .seconds
            .front()
            .is_some_and(|(second, _)| second + SECONDS <= now)
        {
            self.seconds.pop_front();
        }
    }
}
