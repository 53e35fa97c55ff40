//! What became of a refused credential, for those who read a response's extensions.

use http::StatusCode;

use crate::Rejection;

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
    pub(super) fn refused(status: StatusCode, why: NotReplayed) -> Self {
        Self {
            refused_with: status,
            attempts: 1,
            not_replayed: Some(why),
        }
    }

    pub(super) fn replayed(first: StatusCode) -> Self {
        Self {
            refused_with: first,
            attempts: 2,
            not_replayed: None,
        }
    }

    pub(super) fn and_not_again(self, why: NotReplayed) -> Self {
        // The renewal came to nothing, so the request went out only once.
        let attempts = if why == NotReplayed::SameToken {
            1
        } else {
            self.attempts
        };
        Self {
            attempts,
            not_replayed: Some(why),
            ..self
        }
    }

    /// The status with which the first attempt was refused. The response has the last one's.
    #[must_use]
    pub fn refused_with(&self) -> StatusCode {
        self.refused_with
    }

    /// How many times the request was sent: 1 or 2.
    #[must_use]
    pub fn attempts(&self) -> u8 {
        self.attempts
    }

    /// Why a refusal was delivered and not cured; `None` if the second attempt was accepted.
    #[must_use]
    pub fn not_replayed(&self) -> Option<NotReplayed> {
        self.not_replayed
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
    /// The exchange gave out the token that had just been refused.
    #[error("the exchange gave out the token that had just been refused")]
    SameToken,
    /// The body can be sent only once. The next request gets a new token.
    #[error("the body can be sent only once: give it as bytes to have it replayed")]
    BodyNotReplayable,
    /// Only safe methods are sent again, by choice. The next request gets a new token.
    #[error("only requests of a safe method are sent again")]
    UnsafeMethod,
    /// The answer came from outside the credential's scope, after a redirect.
    #[error("the answer came from outside the credential's scope")]
    ForeignOrigin,
}
