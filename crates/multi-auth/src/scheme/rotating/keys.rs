//! Which key serves, and which one waits: what a rotation, a success and a refusal make of it.

use std::sync::Arc;

use crate::{Authenticator, Generation, Lease};

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
    /// The trials that have ended otherwise than by success: whoever is refused under one of them is served again. The last
    /// few are enough, for requests under way last no longer.
    over: Vec<Generation>,
}

/// Two keys of which one serves, and the other does if that one is refused.
#[derive(Clone)]
struct Trial {
    other: Key,
    /// What the leases of the one that serves hold, so that its answers are judged.
    mark: Generation,
    /// Whether the newer of the two serves.
    is_newer: bool,
    /// Whether both have been refused by turns. Then nothing changes until the one that serves succeeds: accounts get locked
    /// by keys that are tried again and again.
    is_last: bool,
}

/// How many trials are remembered.
const REMEMBERED: usize = 8;

impl Keys {
    pub(super) fn new(key: Key) -> Self {
        Self {
            current: key,
            trial: None,
            over: Vec::new(),
        }
    }

    pub(super) fn current(&self) -> &Key {
        &self.current
    }

    /// What the leases of the current key hold while its answers are of interest.
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

    /// Whether a request under `lease` carried a key in whose place another one has been put.
    pub(super) fn is_over(&self, lease: &Lease) -> bool {
        self.over.iter().any(|over| lease.holds(*over))
    }

    /// With `newer` on trial.
    pub(super) fn rotated(&self, newer: Key) -> Self {
        let older = self.older().unwrap_or(&self.current);
        let trial = Trial {
            other: Arc::clone(older),
            mark: Generation::next(),
            is_newer: true,
            is_last: false,
        };
        Self {
            current: newer,
            trial: Some(trial),
            over: self.over_and(self.mark()),
        }
    }

    /// What a success under `mark` makes of it, if that is anything.
    pub(super) fn accepted(&self, mark: Generation) -> Option<Self> {
        let trial = self.trial.as_ref().filter(|trial| trial.mark == mark)?;
        let again = Trial {
            is_last: false,
            ..trial.clone()
        };
        match (trial.is_newer, trial.is_last) {
            (true, _) => Some(Self {
                trial: None,
                ..self.clone()
            }),
            (false, true) => Some(Self {
                trial: Some(again),
                ..self.clone()
            }),
            (false, false) => None,
        }
    }

    /// What a refusal under `mark` makes of it: the other key serves, unless that was refused before it too.
    pub(super) fn refused(&self, mark: Generation) -> Option<Self> {
        let trial = self.trial.as_ref().filter(|trial| trial.mark == mark)?;
        if !trial.is_newer && trial.is_last {
            return None;
        }
        let next = Trial {
            other: Arc::clone(&self.current),
            mark: Generation::next(),
            is_newer: !trial.is_newer,
            is_last: trial.is_last || !trial.is_newer,
        };
        Some(Self {
            current: Arc::clone(&trial.other),
            trial: Some(next),
            over: self.over_and(Some(mark)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApiKey;

    fn key(text: &str) -> Key {
        Arc::new(ApiKey::header("x-key", text).unwrap())
    }

    fn refused(keys: &Keys) -> Option<Keys> {
        keys.refused(keys.mark().unwrap())
    }

    #[test]
    fn two_keys_that_are_both_refused_take_turns_once() {
        let (older, newer) = (key("older"), key("newer"));
        let keys = Keys::new(Arc::clone(&older)).rotated(Arc::clone(&newer));
        let mut serving = Vec::new();
        let mut turn = Some(keys);
        while let Some(keys) = turn {
            serving.push(Arc::ptr_eq(keys.current(), &newer));
            turn = refused(&keys);
        }
        assert_eq!(serving, [true, false, true, false]);
    }

    #[test]
    fn after_a_success_of_the_older_key_its_refusal_counts_anew() {
        let keys = Keys::new(key("older")).rotated(key("newer"));
        let keys = refused(&keys).unwrap();
        let keys = refused(&keys).unwrap();
        let keys = refused(&keys).unwrap();
        assert!(refused(&keys).is_none());
        let keys = keys.accepted(keys.mark().unwrap()).unwrap();
        assert_eq!(keys.rotation(), Rotation::Refused);
        assert_eq!(refused(&keys).unwrap().rotation(), Rotation::OnTrial);
    }

    #[test]
    fn what_is_said_of_a_trial_that_is_over_changes_nothing() {
        let first = Keys::new(key("older")).rotated(key("newer"));
        let mark = first.mark().unwrap();
        let next = first.rotated(key("newest"));
        assert!(next.accepted(mark).is_none() && next.refused(mark).is_none());
        assert!(next.is_over(&Lease::renewable(mark)));
        let settled = next.accepted(next.mark().unwrap()).unwrap();
        assert_eq!(settled.rotation(), Rotation::Settled);
    }
}
