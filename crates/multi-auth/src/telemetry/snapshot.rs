//! A token's state at one moment, for people.

use std::time::Duration;

use crate::{AuthError, Generation, Reason};

/// A token's state at one moment, from [`Bearer::snapshot`](crate::Bearer::snapshot). It holds no
/// secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenSnapshot {
    /// How far its life has come.
    pub state: TokenState,
    /// Which token it is, if there is one.
    pub generation: Option<Generation>,
    /// How long it will be used; `None` if there is none, or if it lives until it is refused.
    pub remaining: Option<Duration>,
    /// Whether a token request is under way.
    pub exchanging: bool,
    /// How long no token request is attempted after a failure.
    pub retry_in: Option<Duration>,
    /// The token request that ended last.
    pub last_refresh: Option<LastRefresh>,
}

/// How far a token's life has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenState {
    /// There is none, or it was refused or invalidated.
    Absent,
    /// It is used.
    Fresh,
    /// It is used, and a newer one is being had.
    InWindow,
    /// It has ended.
    Expired,
}

/// The token request that ended last.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastRefresh {
    /// What made it necessary.
    pub reason: Reason,
    /// Why it failed; `None` if it did not.
    pub error: Option<AuthError>,
    /// How long ago it ended.
    pub ago: Duration,
}
