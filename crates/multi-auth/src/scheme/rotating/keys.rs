//! Which key is in use, and how a rotation, a success or a refusal changes it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Authenticator, CredentialId, Generation};

pub(super) type Key = Arc<dyn Authenticator>;

/// The state of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// One key is in use, and there is no other.
    Settled,
    /// A newer key is in use, and the vendor has not accepted it yet.
    OnTrial,
    /// The vendor refused the newer key, and the older one is in use.
    Refused,
}

#[derive(Clone)]
pub(super) struct Keys {
    /// The key in use.
    current: Key,
    trial: Option<Trial>,
    /// The last trials that did not end with a success: a request that is refused under one of them
    /// is replayed. A few are enough, because requests under way do not last longer.
    ended: Vec<Generation>,
    /// How often a compromised key was replaced.
    replacements: u64,
}

/// Two keys: one is in use, and the other is used if that one is refused.
#[derive(Clone)]
struct Trial {
    other: Key,
    /// The mark in the IDs of the key in use, so that its responses are judged.
    mark: Generation,
    /// Whether the newer one is in use.
    is_newer: bool,
    /// Whether the older one has succeeded since: then it may be used again at any time.
    older_was_accepted: bool,
    /// How often they have alternated.
    switches: u32,
    /// Since when the key in use is used.
    since: Instant,
}

/// How often two keys alternate without a delay: to the older one, and back to the newer one, which
/// the vendor may have activated in the meantime.
const FREE_SWITCHES: u32 = 2;

/// How long a key is kept in use after that: to try both takes two requests per request. No state
/// is final.
const SWITCH_INTERVAL: Duration = Duration::from_secs(60);

/// The number of trials that are remembered.
const MAX_ENDED: usize = 8;

impl Keys {
    pub(super) fn new(key: Key) -> Self {
        Self {
            current: key,
            trial: None,
            ended: Vec::new(),
            replacements: 0,
        }
    }

    pub(super) fn current(&self) -> &Key {
        &self.current
    }

    /// The mark in the IDs of the current key while its responses are judged.
    pub(super) fn mark(&self) -> Option<Generation> {
        self.trial.as_ref().map(|trial| trial.mark)
    }

    /// The key before the one that is on trial.
    pub(super) fn older(&self) -> Option<&Key> {
        let trial = self.trial.as_ref().filter(|trial| trial.is_newer)?;
        Some(&trial.other)
    }

    pub(super) fn rotation(&self) -> Rotation {
        match &self.trial {
            None => Rotation::Settled,
            Some(trial) if trial.is_newer => Rotation::OnTrial,
            Some(_) => Rotation::Refused,
        }
    }

    /// Whether the request with the ID `id` carried a key that was replaced since.
    pub(super) fn has_ended(&self, id: &CredentialId) -> bool {
        self.ended.iter().any(|ended| id.holds(*ended))
    }

    /// The keys with `newer` on trial.
    pub(super) fn rotated(&self, newer: Key, now: Instant) -> Self {
        let older = self.older().unwrap_or(&self.current);
        let trial = Trial {
            other: Arc::clone(older),
            mark: Generation::next(),
            is_newer: true,
            older_was_accepted: false,
            switches: 0,
            since: now,
        };
        Self {
            current: newer,
            trial: Some(trial),
            ended: self.ended_with(self.mark()),
            ..*self
        }
    }

    /// The keys with `newer` alone.
    pub(super) fn replaced(&self, newer: Key) -> Self {
        Self {
            current: newer,
            trial: None,
            ended: self.ended_with(self.mark()),
            replacements: self.replacements + 1,
        }
    }

    /// Whether no key was replaced between these and `other`.
    pub(super) fn has_same_replacements(&self, other: &Self) -> bool {
        self.replacements == other.replacements
    }

    /// The keys after a success under `mark`, if that changes them.
    pub(super) fn accepted(&self, mark: Generation) -> Option<Self> {
        let trial = self.trial.as_ref().filter(|trial| trial.mark == mark)?;
        let trial = match (trial.is_newer, trial.older_was_accepted) {
            (true, _) => None,
            (false, true) => return None,
            (false, false) => Some(Trial {
                older_was_accepted: true,
                ..trial.clone()
            }),
        };
        Some(Self {
            trial,
            ..self.clone()
        })
    }

    /// The keys after a refusal under `mark`: the other key is in use, unless it was refused a
    /// short while ago.
    pub(super) fn refused(&self, mark: Generation, now: Instant) -> Option<Self> {
        let trial = self.trial.as_ref().filter(|trial| trial.mark == mark)?;
        if !trial.may_switch(now) {
            return None;
        }
        let next = Trial {
            other: Arc::clone(&self.current),
            mark: Generation::next(),
            is_newer: !trial.is_newer,
            older_was_accepted: trial.older_was_accepted,
            switches: trial.switches.saturating_add(1),
            since: now,
        };
        Some(Self {
            current: Arc::clone(&trial.other),
            trial: Some(next),
            ended: self.ended_with(Some(mark)),
            ..*self
        })
    }

    /// The trials that have ended, with `last`.
    fn ended_with(&self, last: Option<Generation>) -> Vec<Generation> {
        let mut ended = self.ended.clone();
        ended.extend(last);
        ended.drain(..ended.len().saturating_sub(MAX_ENDED));
        ended
    }
}

impl Trial {
    /// Whether the keys may alternate now.
    fn may_switch(&self, now: Instant) -> bool {
        let is_back = self.is_newer && self.older_was_accepted;
        is_back
            || self.switches < FREE_SWITCHES
            || now.saturating_duration_since(self.since) >= SWITCH_INTERVAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ApiKey, Clock, SystemClock};

    fn key(text: &str) -> Key {
        Arc::new(ApiKey::header("x-key", text).unwrap())
    }

    fn now() -> Instant {
        SystemClock.monotonic()
    }

    fn refused_after(keys: &Keys, seconds: u64) -> Option<Keys> {
        let since = keys.trial.as_ref().unwrap().since;
        keys.refused(keys.mark().unwrap(), since + Duration::from_secs(seconds))
    }

    #[test]
    fn two_refused_keys_alternate_once_a_minute() {
        let newer = key("newer");
        let mut keys = Keys::new(key("older")).rotated(Arc::clone(&newer), now());
        let mut serving = Vec::new();
        for wait in [0, 0, 60, 60, 60] {
            serving.push(Arc::ptr_eq(keys.current(), &newer));
            assert!(wait == 0 || refused_after(&keys, wait - 1).is_none());
            keys = refused_after(&keys, wait).unwrap();
        }
        assert_eq!(serving, [true, false, true, false, true]);
    }

    #[test]
    fn a_refusal_of_an_accepted_older_key_tries_the_newer_key_once() {
        let keys = Keys::new(key("older")).rotated(key("newer"), now());
        let older = refused_after(&keys, 0).unwrap();
        let good = older.accepted(older.mark().unwrap()).unwrap();
        assert_eq!(good.rotation(), Rotation::Refused);
        assert!(good.accepted(good.mark().unwrap()).is_none());
        for _ in 0..3 {
            let newer = refused_after(&good, 60).unwrap();
            assert_eq!(newer.rotation(), Rotation::OnTrial);
            let back = refused_after(&newer, 0).unwrap();
            assert_eq!(back.rotation(), Rotation::Refused);
            assert!(refused_after(&back, 59).is_none());
        }
    }

    #[test]
    fn a_response_to_an_ended_trial_changes_nothing() {
        let first = Keys::new(key("older")).rotated(key("newer"), now());
        let mark = first.mark().unwrap();
        let next = first.rotated(key("newest"), now());
        assert!(next.accepted(mark).is_none() && next.refused(mark, now()).is_none());
        assert!(next.has_ended(&CredentialId::refreshable(mark)));
        let settled = next.accepted(next.mark().unwrap()).unwrap();
        assert_eq!(settled.rotation(), Rotation::Settled);
    }
}
