//! What happens to a token, as one typed event for logs and for observers.

use std::time::Duration;

use crate::{AuthError, Generation};

/// Something that happened to a token. It holds no secret.
///
/// Every event goes to [`tracing`], under a name that begins with `multi_auth.`, and to the
/// observer that
/// [`BearerBuilder::observer`](crate::BearerBuilder::observer) sets; with the feature `metrics`, token requests are counted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum TokenEvent<'a> {
    /// A caller got the token.
    #[non_exhaustive]
    Acquired {
        /// Which one.
        generation: Generation,
        /// Where it came from.
        from: Provenance,
    },
    /// A caller got no token.
    #[non_exhaustive]
    Denied {
        /// Why.
        error: &'a AuthError,
    },
    /// A token request began.
    #[non_exhaustive]
    RefreshStarted {
        /// What made it necessary.
        reason: Reason,
    },
    /// A token request brought a token.
    #[non_exhaustive]
    RefreshSucceeded {
        /// What made it necessary.
        reason: Reason,
        /// The token that it brought.
        generation: Generation,
        /// How long it took.
        took: Duration,
    },
    /// A token request failed.
    #[non_exhaustive]
    RefreshFailed {
        /// What made it necessary.
        reason: Reason,
        /// Why it failed.
        error: &'a AuthError,
        /// How long it took.
        took: Duration,
        /// How long no other is attempted.
        retry_in: Option<Duration>,
    },
    /// The vendor refused the token.
    #[non_exhaustive]
    Refused {
        /// Which one.
        generation: Generation,
        /// Whether refusals may cause a token request now.
        refreshable: bool,
    },
}

/// Where an acquired token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provenance {
    /// It was at hand.
    Cache,
    /// It was waited for.
    Refresh(Reason),
    /// It has ended, and no newer one could be had.
    Stale,
}

/// What made a token request necessary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There was no token yet.
    #[default]
    Cold,
    /// The token had ended.
    Expired,
    /// The token was about to end.
    AheadOfExpiry,
    /// The vendor had refused the token.
    Refused,
    /// The program asked for it.
    Forced,
}

impl Reason {
    /// The label for it in metrics and spans.
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
                tracing::debug!(name: "multi_auth.token_refresh.started", vendor, reason, "an exchange began");
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
                "an exchange brought a token"
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
                "an exchange failed"
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

/// Writes to the log that a caller got the token.
#[inline]
pub(crate) fn trace_acquired(generation: Generation, from: Provenance) {
    match from {
        Provenance::Stale => tracing::warn!(
            name: "multi_auth.token.stale",
            ?generation,
            "a token that has ended is served, for no newer one can be had"
        ),
        Provenance::Cache | Provenance::Refresh(_) => tracing::trace!(
            name: "multi_auth.token.acquired",
            ?generation,
            ?from,
            "a token was acquired"
        ),
    }
}
