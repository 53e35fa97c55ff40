//! Which key serves, and which one waits: what a rotation, a success and a refusal make of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::{Authenticator, CredentialId, Generation};

pub(super) type Key = Arc<dyn Authenticator>;

/// How far a rotation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// One key serves, and no other waits.
    Settled,
    /// A newer key serves, and no answer has shown yet that the vendor accepts it.
    OnTrial,
    /// The vendor refused the newer key: the older one serves on.
    Refused,
}

#[derive(Clone)]
pub(super) struct Keys {
    /// Which one serves.
    current: Key,
    trial: Option<Trial>,
    /// The trials that have ended otherwise than by success: whoever is refused under one of them
    /// is served again. The last few are enough, for requests under way last no longer.
    over: Vec<Generation>,
    /// How often a key was replaced with no way back.
    replacements: u64,
}

/// Two keys of which one serves, and the other does if that one is refused.
#[derive(Clone)]
struct Trial {
    other: Key,
    /// What the ids of the one that serves hold, so that its answers are judged.
    mark: Generation,
    /// Whether the newer of the two serves.
    is_newer: bool,
    /// Whether the older one has succeeded since: then it is gone back to at any time.
    older_is_good: bool,
    /// How often they have changed places.
    turns: u32,
    /// When the one that serves began to.
    since: Instant,
}

/// How often two keys change places at once: the older one takes over, and the newer one is tried
/// again. It is what is wanted, and the vendor may have needed a moment.
const FREE: u32 = 2;

/// How long the one that serves is kept after that: to try both takes two requests where one would
/// do. No state is for ever.
const WAIT: Duration = Duration::from_secs(60);

/// How many trials are remembered.
const REMEMBERED: usize = 8;

impl Keys {
    pub(super) fn new(key: Key) -> Self {
        Self {
            current: key,
            trial: None,
            over: Vec::new(),
            replacements: 0,
        }
    }

    pub(super) fn current(&self) -> &Key {
        &self.current
    }

    /// What the ids of the current key hold while its answers are of interest.
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

    /// Whether a request under `id` carried a key in whose place another one has been put.
    pub(super) fn is_over(&self, id: &CredentialId) -> bool {
        self.over.iter().any(|over| id.holds(*over))
    }

    /// With `newer` on trial.
    pub(super) fn rotated(&self, newer: Key, now: Instant) -> Self {
        let older = self.older().unwrap_or(&self.current);
        let trial = Trial {
            other: Arc::clone(older),
            mark: Generation::next(),
            is_newer: true,
            older_is_good: false,
            turns: 0,
            since: now,
        };
        Self {
            current: newer,
            trial: Some(trial),
            over: self.over_and(self.mark()),
            ..*self
        }
    }

    /// With `newer` alone: nothing is left of the keys before it.
    pub(super) fn replaced(&self, newer: Key) -> Self {
        Self {
            current: newer,
            trial: None,
            over: self.over_and(self.mark()),
            replacements: self.replacements + 1,
        }
    }

    /// Whether no key was replaced between these and `other`.
    pub(super) fn is_of_the_same_replacement(&self, other: &Self) -> bool {
        self.replacements == other.replacements
    }

    /// What a success under `mark` makes of it, if that is anything.
    pub(super) fn accepted(&self, mark: Generation) -> Option<Self> {
        let trial = self.trial.as_ref().filter(|trial| trial.mark == mark)?;
        let trial = match (trial.is_newer, trial.older_is_good) {
            (true, _) => None,
            (false, true) => return None,
            (false, false) => Some(Trial {
                older_is_good: true,
                ..trial.clone()
            }),
        };
        Some(Self {
            trial,
            ..self.clone()
        })
    }

    /// What a refusal under `mark` makes of it: the other key serves, unless that was refused too a
    /// short while ago.
    pub(super) fn refused(&self, mark: Generation, now: Instant) -> Option<Self> {
        let trial = self.trial.as_ref().filter(|trial| trial.mark == mark)?;
        if !trial.may_turn(now) {
            return None;
        }
        let next = Trial {
            other: Arc::clone(&self.current),
            mark: Generation::next(),
            is_newer: !trial.is_newer,
            older_is_good: trial.older_is_good,
            turns: trial.turns.saturating_add(1),
            since: now,
        };
        Some(Self {
            current: Arc::clone(&trial.other),
            trial: Some(next),
            over: self.over_and(Some(mark)),
            ..*self
        })
    }

    /// The trials that are over, and `last`.
    fn over_and(&self, last: Option<Generation>) -> Vec<Generation> {
        let mut over = self.over.clone();
        over.extend(last);
        over.drain(..over.len().saturating_sub(REMEMBERED));
        over
    }
}

impl Trial {
    /// Whether the keys may change places.
    fn may_turn(&self, now: Instant) -> bool {
        let is_back = self.is_newer && self.older_is_good;
        is_back || self.turns < FREE || now.saturating_duration_since(self.since) >= WAIT
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
    fn two_keys_that_are_both_refused_take_turns_for_ever_and_not_at_each_request() {
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
    fn a_refusal_of_an_older_key_that_is_good_costs_one_try_of_the_newer_one() {
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
    fn what_is_said_of_a_trial_that_is_over_changes_nothing() {
        let first = Keys::new(key("older")).rotated(key("newer"), now());
        let mark = first.mark().unwrap();
        let next = first.rotated(key("newest"), now());
        assert!(next.accepted(mark).is_none() && next.refused(mark, now()).is_none());
        assert!(next.is_over(&CredentialId::refreshable(mark)));
        let settled = next.accepted(next.mark().unwrap()).unwrap();
        assert_eq!(settled.rotation(), Rotation::Settled);
    }
}
