//! What became of a refused credential, among the extensions of the response.

use http::{Extensions, StatusCode};

use crate::Rejection;
use crate::telemetry::metrics;
use crate::telemetry::metrics::Tag;

/// What became of a credential that the vendor refused, among the extensions of the response.
///
/// A response to a request whose credential was never refused has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    refused_with: StatusCode,
    attempts: u8,
    not_replayed: Option<NotReplayed>,
}

impl Outcome {
    /// A refusal without a replay.
    pub(super) fn refused(tag: Tag, status: StatusCode, why: NotReplayed) -> Self {
        tracing::debug!(
            name: "multi_auth.refused",
            %status,
            why = why.word(),
            reason = %why,
            "the refusal is delivered as it came"
        );
        metrics::refused(tag, why);
        Self {
            refused_with: status,
            attempts: 1,
            not_replayed: Some(why),
        }
    }

    /// The response to the last of `attempts`. `why` tells why a refusal is delivered.
    pub(super) fn replayed(
        tag: Tag,
        first: StatusCode,
        attempts: u8,
        why: Option<NotReplayed>,
    ) -> Self {
        let again = why.is_some();
        tracing::debug!(name: "multi_auth.replayed", %first, again, "the request was replayed");
        metrics::replayed(tag, again);
        if let Some(why) = why {
            metrics::refused(tag, why);
        }
        Self {
            refused_with: first,
            attempts,
            not_replayed: why,
        }
    }

    /// The status with which the first attempt was refused. The response has the last one's.
    #[must_use]
    pub fn refused_with(&self) -> StatusCode {
        self.refused_with
    }

    /// How many times the request was sent: 1 to 4, as there is at most one replay per reason.
    #[must_use]
    pub fn attempts(&self) -> u8 {
        self.attempts
    }

    /// Why a refusal was delivered; `None` if a replay was accepted.
    #[must_use]
    pub fn not_replayed(&self) -> Option<NotReplayed> {
        self.not_replayed
    }
}

/// Puts `outcome`, if there is one, among the `extensions` of the response that is delivered.
pub fn record(outcome: Option<Outcome>, extensions: &mut Extensions) {
    if let Some(outcome) = outcome {
        extensions.insert(outcome);
    }
}

/// Why a refused request was not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotReplayed {
    /// A new credential would not help, or none may be had now.
    #[error("{0}")]
    Rejected(Rejection),
    /// The new token was refused too.
    #[error("the new token was refused too: check the key's permissions with the vendor")]
    RefusedAgain,
    /// The token request gave out the token that had just been refused.
    #[error("the exchange gave out the token that had just been refused")]
    SameToken,
    /// The body can be sent only once, or its sending was negotiated with `Expect`. The next
    /// request gets a new token.
    #[error(
        "the body cannot be sent again: give it as bytes, without `Expect`, to have it replayed"
    )]
    BodyNotReplayable,
    /// Only safe methods are sent again, by choice. The next request gets a new token.
    #[error("only requests of a safe method are sent again")]
    UnsafeMethod,
    /// The answer came from outside the credential's scope, after a redirect.
    #[error("the answer came from outside the credential's scope")]
    ForeignOrigin,
}

impl NotReplayed {
    /// The word for it in metrics and events.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Rejected(Rejection::FixedKey) => "fixed_key",
            Self::Rejected(Rejection::InsufficientScope) => "insufficient_scope",
            Self::Rejected(Rejection::Throttled) => "throttled",
            Self::Rejected(Rejection::RefreshDisabled) => "refresh_disabled",
            Self::Rejected(Rejection::Proof) => "proof",
            Self::RefusedAgain => "refused_again",
            Self::SameToken => "same_token",
            Self::BodyNotReplayable => "body_not_replayable",
            Self::UnsafeMethod => "unsafe_method",
            Self::ForeignOrigin => "foreign_origin",
        }
    }
}
