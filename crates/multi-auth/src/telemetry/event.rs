//! The events of a token, for logs and observers.

use std::time::Duration;

use crate::{AuthError, Generation};

/// An event of a token. It holds no secret.
///
/// Every event goes to [`tracing`], with a name that begins with `multi_auth.`, and to the observer
/// that [`BearerBuilder::observer`](crate::BearerBuilder::observer) sets. With the feature
/// `metrics`, token requests are counted.
///
/// ```
/// use multi_auth::{Bearer, Token, TokenEvent, source_fn};
///
/// let bearer = Bearer::builder(source_fn(|| async { Ok(Token::new("t-123")) }))
///     .observer(|event| {
///         if let TokenEvent::Refused { generation, .. } = event {
///             eprintln!("the vendor refused token {generation:?}");
///         }
///     })
///     .build();
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TokenEvent<'a> {
    /// A caller got the token.
    #[non_exhaustive]
    Acquired {
        /// The generation of the token.
        generation: Generation,
        /// Where the token came from.
        from: Provenance,
    },
    /// A caller got no token.
    #[non_exhaustive]
    Denied {
        /// The reason.
        error: &'a AuthError,
    },
    /// A token request started.
    #[non_exhaustive]
    RefreshStarted {
        /// The reason for it.
        reason: Reason,
    },
    /// A token request succeeded.
    #[non_exhaustive]
    RefreshSucceeded {
        /// The reason for it.
        reason: Reason,
        /// The generation of its token.
        generation: Generation,
        /// How long it took.
        took: Duration,
    },
    /// A token request failed.
    #[non_exhaustive]
    RefreshFailed {
        /// The reason for it.
        reason: Reason,
        /// Why it failed.
        error: &'a AuthError,
        /// How long it took.
        took: Duration,
        /// The delay before the next attempt.
        retry_in: Option<Duration>,
    },
    /// The vendor refused the token.
    #[non_exhaustive]
    Refused {
        /// Its generation.
        generation: Generation,
        /// Whether the limits allow a token request now.
        refreshable: bool,
    },
}

/// Where a token came from.
///
/// ```
/// use multi_auth::{Bearer, Provenance, Token, TokenEvent, source_fn};
///
/// let bearer = Bearer::builder(source_fn(|| async { Ok(Token::new("t-123")) }))
///     .observer(|event| {
///         if let TokenEvent::Acquired { from: Provenance::Stale, .. } = event {
///             eprintln!("an expired token was sent");
///         }
///     })
///     .build();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provenance {
    /// It was in the cache.
    Cache,
    /// The caller waited for it.
    Refresh(Reason),
    /// It was in the cache and has expired, and no newer one was available.
    Stale,
}

/// The reason for a token request.
///
/// ```
/// use multi_auth::{Bearer, Reason, Token, source_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), multi_auth::AuthError> {
/// let bearer = Bearer::new(source_fn(|| async { Ok(Token::new("t-123")) }));
/// bearer.refresh().await?;
/// let last = bearer.snapshot().last_refresh.expect("one token request has ended");
/// assert_eq!(last.reason, Reason::Forced);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There was no token.
    #[default]
    Cold,
    /// The token had expired.
    Expired,
    /// The token was about to expire.
    AheadOfExpiry,
    /// The vendor had refused the token.
    Refused,
    /// The program asked for it.
    Forced,
}

impl Reason {
    /// Its label in metrics and spans.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Expired => "expired",
            Self::AheadOfExpiry => "ahead_of_expiry",
            Self::Refused => "refused",
            Self::Forced => "forced",
        }
    }
}

impl TokenEvent<'_> {
    /// Writes the event to the log: failures as warnings, token requests at `debug`, the rest at
    /// `trace`.
    pub(crate) fn trace(&self, vendor: &str) {
        match self {
            Self::Acquired { generation, from } => trace_acquired(*generation, *from),
            Self::Denied { error } => {
                tracing::debug!(name: "multi_auth.token.denied", vendor, %error, "no token could be acquired");
            }
            Self::RefreshStarted { reason } => {
                let reason = reason.label();
                tracing::debug!(name: "multi_auth.token_refresh.started", vendor, reason, "a token request started");
            }
            Self::RefreshSucceeded {
                reason,
                generation,
                took,
            } => tracing::debug!(
                name: "multi_auth.token_refresh.succeeded",
                vendor,
                reason = reason.label(),
                ?generation,
                ?took,
                "a token request succeeded"
            ),
            Self::RefreshFailed {
                reason,
                error,
                took,
                retry_in,
            } => tracing::warn!(
                name: "multi_auth.token_refresh.failed",
                vendor,
                reason = reason.label(),
                %error,
                ?took,
                ?retry_in,
                "a token request failed"
            ),
            Self::Refused {
                generation,
                refreshable,
            } => tracing::debug!(
                name: "multi_auth.token.refused",
                vendor,
                ?generation,
                refreshable,
                "the vendor refused a token"
            ),
        }
    }
}

/// Logs that a caller got the token.
#[inline]
pub(crate) fn trace_acquired(generation: Generation, from: Provenance) {
    match from {
        Provenance::Stale => tracing::warn!(
            name: "multi_auth.token.stale",
            ?generation,
            "an expired token is served, because no newer one is available"
        ),
        Provenance::Cache | Provenance::Refresh(_) => tracing::trace!(
            name: "multi_auth.token.acquired",
            ?generation,
            ?from,
            "a token was acquired"
        ),
    }
}
