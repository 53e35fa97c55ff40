//! How many exchanges one endpoint gets from this process, over all accounts.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::Duration;

use url::Url;

use crate::SystemClock;
use crate::engine::{Allowance, Rate};

/// 1,000 at once, then 50 per second: more than many accounts need at a cold start, and less than a
/// vendor takes for an attack.
const DEFAULT: Rate = Rate {
    burst: 1_000,
    interval: Duration::from_millis(20),
};

/// What one exchange may take of what all exchanges at its endpoint's origin share.
#[derive(Debug)]
pub(super) struct Budget {
    shared: Arc<Mutex<Allowance>>,
    /// `None` for no limit at all.
    pub(super) rate: Option<Rate>,
}

impl Budget {
    /// Of the origin of `endpoint`.
    pub(super) fn of(endpoint: &Url) -> Self {
        Self {
            shared: shared(endpoint.origin().ascii_serialization()),
            rate: Some(DEFAULT),
        }
    }

    /// Takes one exchange, or tells how long there is none.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let Some(rate) = self.rate else {
            return Ok(());
        };
        let now = SystemClock::unpaused();
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.take(rate, now) {
            return Ok(());
        }
        Err(shared.wait(rate, now).unwrap_or_default())
    }
}

/// What all exchanges at `origin` share. It is forgotten with the last of them.
fn shared(origin: String) -> Arc<Mutex<Allowance>> {
    static ALL: LazyLock<Mutex<HashMap<String, Weak<Mutex<Allowance>>>>> =
        LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(shared) = all.get(&origin).and_then(Weak::upgrade) {
        return shared;
    }
    let shared = Arc::default();
    all.retain(|_, other| other.strong_count() > 0);
    all.insert(origin, Arc::downgrade(&shared));
    shared
}
