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
///
/// ```
/// use multi_auth::{Bearer, Token, TokenState, source_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), multi_auth::AuthError> {
/// let bearer = Bearer::new(source_fn(|| async { Ok(Token::new("t-123")) }));
/// bearer.refresh().await?;
/// assert_eq!(bearer.snapshot().state, TokenState::Fresh);
/// # Ok(())
/// # }
/// ```
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
///
/// ```
/// use multi_auth::{AuthError, Bearer, source_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bearer = Bearer::new(source_fn(|| async { Err(AuthError::permanent("no agent")) }));
/// assert!(bearer.refresh().await.is_err());
/// let last = bearer.snapshot().last_refresh.expect("one token request has ended");
/// assert_eq!(last.error.map(|error| error.to_string()).as_deref(), Some("no agent"));
/// # }
/// ```
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
