//! The verdict of a response on the credential of its request.

/// What a response means for the credential of its request.
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use multi_auth::{ResponseHead, Verdict};
///
/// /// A vendor that answers 419 when a session has expired.
/// fn judge(response: &ResponseHead<'_>) -> Verdict {
///     match response.status().as_u16() {
///         419 => Verdict::Refresh,
///         _ => Verdict::Accept,
///     }
/// }
///
/// let headers = HeaderMap::new();
/// let expired = ResponseHead::new(StatusCode::from_u16(419).unwrap(), &headers);
/// assert!(judge(&expired).is_replay());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The credential is accepted: deliver the response.
    Accept,
    /// The token is no longer valid: obtain a new one and replay the request.
    Refresh,
    /// The signature was refused, for example because of its nonce or timestamp: sign the request
    /// again and replay it. No token is fetched.
    Resign,
    /// The key was refused, and another key is now in use: replay the request with that key.
    OtherKey,
    /// Several reasons to replay, from an [`AllOf`](crate::AllOf) or a
    /// [`Sequence`](crate::Sequence).
    Several(ReplayReasons),
    /// The credential was refused, and a new one would not help: deliver the response.
    Reject(Rejection),
}

/// The reasons for one replay, from the authenticators of several credentials.
///
/// Only [`AllOf`](crate::AllOf) and [`Sequence`](crate::Sequence) build it. Test for a replay with
/// [`Verdict::is_replay`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayReasons(u8);

impl ReplayReasons {
    pub(crate) const REFRESHED: Self = Self(1);
    pub(crate) const RESIGNED: Self = Self(1 << 1);
    pub(crate) const OTHER_KEY: Self = Self(1 << 2);

    pub(crate) fn contain(self, reason: Self) -> bool {
        self.0 & reason.0 != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `spent` contains each of these reasons.
    pub(crate) fn are_within(self, spent: Self) -> bool {
        self.0 & !spent.0 == 0
    }
}

impl Verdict {
    /// Combines the verdicts on two credentials: each one that can be replaced is a reason for a
    /// replay.
    pub(crate) fn and(self, other: Self) -> Self {
        match self.reasons().and(other.reasons()) {
            ReplayReasons(0) if self == Self::Accept => other,
            ReplayReasons(0) => self,
            ReplayReasons::REFRESHED => Self::Refresh,
            ReplayReasons::RESIGNED => Self::Resign,
            ReplayReasons::OTHER_KEY => Self::OtherKey,
            several => Self::Several(several),
        }
    }

    pub(crate) fn reasons(self) -> ReplayReasons {
        match self {
            Self::Accept | Self::Reject(_) => ReplayReasons::default(),
            Self::Refresh => ReplayReasons::REFRESHED,
            Self::Resign => ReplayReasons::RESIGNED,
            Self::OtherKey => ReplayReasons::OTHER_KEY,
            Self::Several(reasons) => reasons,
        }
    }

    /// Whether the adapter should replay the request.
    #[must_use]
    pub fn is_replay(self) -> bool {
        self.reasons() != ReplayReasons::default()
    }
}

/// Why a refused credential is not refreshed.
///
/// ```
/// use multi_auth::{Rejection, Verdict};
///
/// assert!(!Verdict::Reject(Rejection::InsufficientScope).is_replay());
/// assert_eq!(
///     Rejection::RefreshDisabled.to_string(),
///     "refresh after a refusal is turned off",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It is a fixed key. Check it with the vendor, or bind a new one.
    #[error("a fixed key was refused: check it with the vendor, or bind a new one")]
    FixedKey,
    /// The token lacks a permission (`insufficient_scope`; RFC 6750, 3.1). Ask the vendor for it.
    #[error("the token lacks a permission: ask the vendor for it")]
    InsufficientScope,
    /// Fresh tokens were refused several times in a row. Most likely a permission or a region is
    /// wrong, which a new token does not change.
    #[error("several fresh tokens were refused: check permissions and region with the vendor")]
    Throttled,
    /// Refresh after a refusal is turned off for this vendor.
    #[error("refresh after a refusal is turned off")]
    RefreshDisabled,
    /// The proof that the token belongs to the sender was refused (RFC 9449, 7.1). A new token or
    /// another nonce does not change that.
    #[error(
        "the proof of possession was refused: check this machine's clock, and the algorithms that the vendor accepts"
    )]
    Proof,
}
