//! What the instances share.

use super::lock::Lock;
use super::scenario::{Scenario, Variant};
use super::store::Entry;

pub(super) enum Shared {
    Nothing,
    Locks(Vec<Lock>),
    Store(Vec<Entry>),
}

impl Shared {
    pub(super) fn new(variant: Variant, scenario: &Scenario) -> Self {
        let accounts = scenario.accounts as usize;
        match variant {
            Variant::NoStore => Self::Nothing,
            Variant::NaiveLock => Self::Locks(vec![Lock::default(); accounts]),
            Variant::Store => Self::Store(vec![Entry::default(); accounts]),
        }
    }
}
