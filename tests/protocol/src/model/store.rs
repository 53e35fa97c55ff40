//! The store, and the scripts that it executes.

use super::history::History;
use super::network::{Acquire, Publish};
use super::vendor::Vendor;
use super::{Guard, Setup};

/// A lease of one process. A process numbers its leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Owner {
    pub(super) process: u8,
    pub(super) number: u8,
}

/// Who may send a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    Free,
    Owner(Owner),
    Pause,
}

/// The tokens of an entry, as one publication wrote them. 0: none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) access_token: u8,
    pub(super) refresh_token: u8,
    /// Which process wrote it, so that two publications are never equal by chance.
    pub(super) writer: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Store {
    pub(super) is_up: bool,
    pub(super) holder: Holder,
    pub(super) current: Revision,
    /// The entry before the last publication.
    pub(super) before: Revision,
    /// The newest revision there ever was. A server uses its clock instead.
    pub(super) newest: u8,
}

/// An entry with its revision. 0: there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Revision {
    pub(super) number: u8,
    pub(super) refused: u8,
    pub(super) entry: Entry,
}

/// The answer to [`Acquire`].
#[derive(Clone, Copy)]
pub(super) enum Acquired {
    Newer(Revision),
    Taken(Revision),
    Held,
}

/// The answer to [`Publish`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Published {
    Stored(u8),
    Conflict,
}

impl Store {
    pub(super) fn new(setup: &Setup) -> Self {
        let login = Revision {
            number: u8::from(setup.refreshes()),
            refused: 0,
            entry: Entry {
                refresh_token: u8::from(setup.refreshes()),
                ..Entry::default()
            },
        };
        Self {
            is_up: true,
            holder: Holder::Free,
            current: login,
            before: login,
            newest: login.number,
        }
    }

    pub(super) fn acquire(
        &mut self,
        acquire: Acquire,
        vendor: Vendor,
        setup: &Setup,
        history: &mut History,
    ) -> Acquired {
        if acquire.is_refused && self.refuse(acquire.newer_than, setup) {
            history.refused(self.current.entry.access_token, vendor);
        }
        if self.has_newer(acquire.newer_than, vendor) {
            history.given(self.current.entry.access_token);
            return Acquired::Newer(self.current);
        }
        match self.holder {
            Holder::Owner(owner) if owner != acquire.owner => Acquired::Held,
            Holder::Pause => Acquired::Held,
            Holder::Owner(_) | Holder::Free => {
                self.holder = Holder::Owner(acquire.owner);
                Acquired::Taken(self.current)
            }
        }
    }

    /// Whether there is a valid token that is newer than the revision `newer_than`.
    pub(super) fn has_newer(&self, newer_than: u8, vendor: Vendor) -> bool {
        let current = self.current;
        let is_valid = current.entry.access_token > vendor.expired;
        is_valid && current.number > newer_than.max(current.refused)
    }

    /// Returns whether the token is marked as refused, and was not before.
    fn refuse(&mut self, revision: u8, setup: &Setup) -> bool {
        let current = &mut self.current;
        let is_current = revision == current.number || !setup.has(Guard::RefusalCheck);
        let is_new = is_current && current.refused < current.number;
        if is_new && setup.has(Guard::RefusalMark) {
            current.refused = current.number;
        }
        is_new
    }

    pub(super) fn publish(
        &mut self,
        publish: Publish,
        setup: &Setup,
        history: &mut History,
    ) -> Published {
        let current = self.current;
        if current.number > publish.expected && setup.has(Guard::RevisionCheck) {
            let is_same = current.entry == publish.entry;
            return if is_same {
                Published::Stored(current.number)
            } else {
                Published::Conflict
            };
        }
        let number = self.next(publish.expected, setup);
        history.published(publish, number, self.newest);
        self.newest = self.newest.max(number);
        self.current = Revision {
            number,
            refused: 0,
            entry: publish.entry,
        };
        if setup.faults.failovers > 0 {
            self.before = current;
        }
        if publish.releases {
            self.end_lease(publish.owner, setup);
        }
        Published::Stored(number)
    }

    fn next(&self, expected: u8, setup: &Setup) -> u8 {
        let next = self.current.number.max(expected) + 1;
        if setup.has(Guard::UniqueRevisions) {
            next.max(self.newest + 1)
        } else {
            next
        }
    }

    fn end_lease(&mut self, owner: Owner, setup: &Setup) {
        if self.is_held_by(owner, setup) || self.holder == Holder::Pause {
            self.holder = Holder::Free;
        }
    }

    pub(super) fn release(&mut self, owner: Owner, setup: &Setup) {
        if self.is_held_by(owner, setup) {
            self.holder = Holder::Free;
        }
    }

    pub(super) fn pause(&mut self, owner: Owner, setup: &Setup) {
        if self.is_held_by(owner, setup) {
            self.holder = Holder::Pause;
        }
    }

    fn is_held_by(&self, owner: Owner, setup: &Setup) -> bool {
        self.holder == Holder::Owner(owner) || !setup.has(Guard::OwnerCheck)
    }

    /// The store falls back to the entry before the last publication.
    pub(super) fn lose_entry(&mut self) {
        self.current = self.before;
    }

    /// The store loses all that it has.
    pub(super) fn flush(&mut self) {
        self.holder = Holder::Free;
        self.current = Revision::default();
        self.before = Revision::default();
    }
}
