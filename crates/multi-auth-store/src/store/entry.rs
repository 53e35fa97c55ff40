//! An entry as a store has it.

use crate::{StoreProblem, StoredTokens};

/// An entry as a store has it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Stored {
    /// A number that grows with each publication. 0: the entry does not exist.
    pub revision: u64,
    /// The tokens of the entry.
    pub tokens: StoredTokens,
    /// How many token requests have failed since the entry was published, if the store counts them.
    pub failures: u32,
    /// Why the tokens of the entry cannot be read. It then has none.
    pub unreadable: Option<Unreadable>,
}

impl Stored {
    /// An entry whose tokens can be read.
    #[must_use]
    pub fn new(revision: u64, tokens: StoredTokens) -> Self {
        Self {
            revision,
            tokens,
            ..Self::default()
        }
    }
}

/// Why the tokens of an entry cannot be read. The next publication replaces them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unreadable {
    /// The entry is damaged, or another program wrote it.
    Malformed,
    /// The entry is sealed with a key that was not given.
    OtherKey,
    /// The entry was changed after it was sealed, or belongs to another vendor or account.
    NotAuthentic,
}

impl From<Unreadable> for StoreProblem {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Malformed => Self::Malformed,
            Unreadable::OtherKey => Self::OtherKey,
            Unreadable::NotAuthentic => Self::NotAuthentic,
        }
    }
}
