//! A process: what it has, and what it waits for.

use super::network::{Acquire, Message, Publish};
use super::store::{Entry, Owner, Published, Revision};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) phase: Phase,
    /// The newest revision whose token it got.
    pub(super) seen: u8,
    /// Whether the vendor has refused the token of `seen`.
    pub(super) is_refused: bool,
    /// Whether its lease has ended by its own clock.
    pub(super) is_lease_over: bool,
    /// A new refresh token that the store does not have yet.
    pub(super) unstored: Option<Rotated>,
    /// The refresh token that it presents without the store. 0: it withholds it.
    pub(super) remembered: u8,
}

/// A refresh token in place of the one that was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Rotated {
    pub(super) used: u8,
    pub(super) new: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// It was killed.
    Down,
    /// It needs a login.
    LoggedOut,
    /// It needs a token.
    Waits,
    /// It has an access token. `is_stored`: it is that of the revision that it has seen.
    HasToken { token: u8, is_stored: bool },
    /// It asks the store. `taken`: the answer on its way.
    Acquires {
        acquire: Acquire,
        taken: Option<Revision>,
    },
    /// It asks the vendor. `response`: the answer on its way. `lease`: none without the store.
    Requests {
        sender: Owner,
        lease: Option<Lease>,
        response: Option<super::vendor::Response>,
    },
    /// It stores a token. `answer`: the answer on its way.
    Publishes {
        lease: Lease,
        publication: Publication,
        answer: Option<Published>,
    },
}

/// A lease, and the entry that was read when it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Lease {
    pub(super) owner: Owner,
    pub(super) revision: u8,
    pub(super) refresh_token: u8,
}

/// What is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Publication {
    /// A refresh token that an earlier publication has not stored. The token request follows.
    Unstored(u8),
    /// A new refresh token. Its access token follows.
    RefreshToken { new: u8, access_token: u8 },
    /// An access token. The lease is given back.
    AccessToken(u8),
}

impl Process {
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::Waits,
            seen: 0,
            is_refused: false,
            is_lease_over: false,
            unstored: None,
            remembered: 0,
        }
    }

    /// The lease that it holds, or asks for.
    pub(super) fn owner(&self) -> Option<Owner> {
        match self.phase {
            Phase::Acquires { acquire, .. } => Some(acquire.owner),
            Phase::Requests { lease, .. } => lease.map(|lease| lease.owner),
            Phase::Publishes { lease, .. } => Some(lease.owner),
            _ => None,
        }
    }

    /// The message whose answer it waits for.
    pub(super) fn awaits(&self) -> Option<Message> {
        match self.phase {
            Phase::Acquires { acquire, .. } => Some(Message::Acquire(acquire)),
            Phase::Publishes {
                lease, publication, ..
            } => Some(Message::Publish(publication.message(lease))),
            _ => None,
        }
    }

    /// The new refresh token that only this process has.
    pub(super) fn carried(&self) -> Option<u8> {
        use super::vendor::Response;
        let carried = match self.phase {
            Phase::Requests {
                response: Some(Response::Tokens { refresh_token, .. }),
                ..
            } => Some(refresh_token).filter(|token| *token > 0),
            Phase::Publishes {
                publication: Publication::RefreshToken { new, .. } | Publication::Unstored(new),
                answer: None | Some(Published::Conflict),
                ..
            } => Some(new),
            _ => None,
        };
        carried.or(self.unstored.map(|rotated| rotated.new))
    }
}

impl Lease {
    pub(super) fn with(self, revision: u8, refresh_token: u8) -> Self {
        Self {
            revision,
            refresh_token,
            ..self
        }
    }
}

impl Publication {
    pub(super) fn message(self, lease: Lease) -> Publish {
        let (access_token, refresh_token) = match self {
            Self::Unstored(new) | Self::RefreshToken { new, .. } => (0, new),
            Self::AccessToken(token) => (token, lease.refresh_token),
        };
        Publish {
            owner: lease.owner,
            expected: lease.revision,
            entry: Entry {
                access_token,
                refresh_token,
                writer: lease.owner.process,
            },
            releases: matches!(self, Self::AccessToken(_)),
        }
    }
}
