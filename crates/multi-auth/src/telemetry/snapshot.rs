//! The state of a token, for status pages.

use std::time::Duration;

use crate::{AuthError, Generation, Reason};

/// The state of a token, from [`Bearer::snapshot`](crate::Bearer::snapshot). It holds no secret.
///
/// ```
/// use multi_auth::{Bearer, Token, TokenState, source_fn};
///
/// let bearer = Bearer::new(source_fn(|| async { Ok(Token::new("t-123")) }));
/// assert_eq!(bearer.snapshot().state, TokenState::Absent);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TokenSnapshot {
    /// How close it is to its expiry.
    pub state: TokenState,
    /// Its generation, if there is a token.
    pub generation: Option<Generation>,
    /// How long the token will be used; `None` without a token or an expiry.
    pub remaining: Option<Duration>,
    /// Whether a token request is under way.
    pub refreshing: bool,
    /// The remaining delay after a failure.
    pub retry_in: Option<Duration>,
    /// The last token request that ended.
    pub last_refresh: Option<LastRefresh>,
}

/// How close a token is to its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenState {
    /// There is no token, or it was refused or invalidated.
    Absent,
    /// It is valid.
    Fresh,
    /// It is valid, and due for a background refresh.
    InWindow,
    /// It has expired.
    Expired,
}

/// The last token request that ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LastRefresh {
    /// The reason for it.
    pub reason: Reason,
    /// Why it failed; `None` if it succeeded.
    pub error: Option<AuthError>,
    /// How long ago it ended.
    pub ago: Duration,
}
