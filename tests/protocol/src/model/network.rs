//! The messages on their way to the store and to the vendor, in any order.

use super::store::{Entry, Owner};

/// A message to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Message {
    Acquire(Acquire),
    Publish(Publish),
    Release(Owner),
    Pause(Owner),
}

/// The caller has seen the revision `newer_than`, and the vendor may have refused its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Acquire {
    pub(super) owner: Owner,
    pub(super) newer_than: u8,
    pub(super) is_refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Publish {
    pub(super) owner: Owner,
    pub(super) expected: u8,
    pub(super) entry: Entry,
    /// Whether the lease ends.
    pub(super) releases: bool,
}

impl Message {
    pub(super) fn owner(self) -> Owner {
        match self {
            Self::Acquire(acquire) => acquire.owner,
            Self::Publish(publish) => publish.owner,
            Self::Release(owner) | Self::Pause(owner) => owner,
        }
    }
}

/// A message to the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct TokenRequest {
    pub(super) sender: Owner,
    /// The refresh token that it presents.
    pub(super) refresh_token: u8,
}

/// Adds `message` to `messages`. The order in which they were sent does not matter.
pub(super) fn send<M: Ord>(messages: &mut Vec<M>, message: M) {
    messages.push(message);
    messages.sort_unstable();
}
