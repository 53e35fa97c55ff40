//! The store of this project: a lease, a pause, and the newest token, for each account.

use super::Time;
use super::random::Random;
use super::rules;

/// How long a lease is valid, how often it is extended, and how long an instance waits for it.
const LEASE: Time = Time::from_secs(24);
const EXTENSION: Time = Time::from_secs(8);
pub(super) const WAIT: Time = Time::from_secs(45);

/// The shortest and the longest time before an instance asks again.
pub(super) const FIRST_POLL: Time = Time::from_millis(5);
pub(super) const LONGEST_POLL: Time = Time::from_millis(200);

#[derive(Clone, Default)]
pub(super) struct Entry {
    /// How many tokens were published.
    pub(super) revision: u64,
    pub(super) expiry: Time,
    failures: u32,
    /// Since when the lease is held.
    held_since: Option<Time>,
    /// Until when the lease of a dead holder or a pause lasts.
    blocked_until: Time,
    is_paused: bool,
}

pub(super) enum Acquired {
    Newer,
    Taken,
    Held,
    Paused(Time),
}

impl Entry {
    pub(super) fn acquire(&mut self, seen: u64, now: Time) -> Acquired {
        if self.revision > seen && self.expiry > now + Time::from_secs(1) {
            return Acquired::Newer;
        }
        if self.blocked_until > now {
            let left = self.blocked_until.saturating_sub(now);
            return if self.is_paused {
                Acquired::Paused(left)
            } else {
                Acquired::Held
            };
        }
        if self.held_since.is_some() {
            return Acquired::Held;
        }
        self.held_since = Some(now);
        Acquired::Taken
    }

    /// Stores a token, and returns its revision.
    pub(super) fn publish(&mut self, expiry: Time) -> u64 {
        self.revision += 1;
        self.expiry = expiry;
        self.failures = 0;
        self.release();
        self.revision
    }

    pub(super) fn release(&mut self) {
        self.held_since = None;
        self.blocked_until = Time::ZERO;
    }

    /// Replaces the lease by a pause. `retry_after`: that of the vendor.
    pub(super) fn pause(&mut self, retry_after: Option<Time>, now: Time, random: &mut Random) {
        let pause = retry_after.unwrap_or_else(|| rules::pause(self.failures, random));
        self.failures += 1;
        self.held_since = None;
        self.is_paused = true;
        self.blocked_until = now + pause;
    }

    /// The holder is killed. The lease ends by itself.
    pub(super) fn holder_dies(&mut self, now: Time) {
        if let Some(since) = self.held_since.take() {
            let mut extended = since;
            while extended + EXTENSION <= now {
                extended += EXTENSION;
            }
            self.is_paused = false;
            self.blocked_until = extended + LEASE;
        }
    }
}
