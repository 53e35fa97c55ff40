//! A naive lock: it lasts two seconds, even if the token request takes longer.

use super::Time;

const LOCK: Time = Time::from_secs(2);
pub(super) const POLL: Time = Time::from_secs(1);
pub(super) const WAIT: Time = Time::from_secs(5);

#[derive(Clone, Default)]
pub(super) struct Lock {
    locked_until: Time,
    /// How many tokens were stored.
    pub(super) revision: u64,
    /// When the token expires, in seconds, by the clock of the instance that stored it.
    expiry: f64,
}

impl Lock {
    /// How long the newest token is valid by the clock of an instance.
    pub(super) fn remaining(&self, now: Time, clock_error: f64) -> Option<Time> {
        let remaining = self.expiry - (now.as_secs_f64() + clock_error);
        (remaining > 1.0).then(|| Time::from_secs_f64(remaining))
    }

    pub(super) fn take(&mut self, now: Time) -> bool {
        let is_free = self.locked_until <= now;
        if is_free {
            self.locked_until = now + LOCK;
        }
        is_free
    }

    /// Also if another instance holds it by now.
    pub(super) fn release(&mut self) {
        self.locked_until = Time::ZERO;
    }

    pub(super) fn store(&mut self, expiry: Time, clock_error: f64) -> u64 {
        self.revision += 1;
        self.expiry = expiry.as_secs_f64() + clock_error;
        self.revision
    }
}
