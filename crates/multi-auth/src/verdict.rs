//! What a vendor's answer says about the credential that a request carried.

/// The judgement on one response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing is wrong with the credential; deliver the answer.
    Accept,
    /// The credential is spent and a newer one can be had: obtain it and send the request again.
    Refresh,
    /// The signature was refused, as for a nonce or a clock: sign anew and send the request again. Nothing is fetched.
    Resign,
    /// The key was refused and another one serves now: send the request again with that one.
    OtherKey,
    /// The credential was refused and a new one would not help; deliver the answer.
    Reject(Rejection),
}

impl Verdict {
    /// The verdict on two credentials: a new one that can be had is reason enough for a replay.
    pub(crate) fn and(self, other: Self) -> Self {
        let rank = |verdict: &Self| match verdict {
            Self::Refresh => 4,
            Self::OtherKey => 3,
            Self::Resign => 2,
            Self::Reject(_) => 1,
            Self::Accept => 0,
        };
        if rank(&other) > rank(&self) {
            other
        } else {
            self
        }
    }

    /// Whether the request is to be sent again.
    #[must_use]
    pub fn is_replay(self) -> bool {
        matches!(self, Self::Refresh | Self::Resign | Self::OtherKey)
    }
}

/// Why a refused credential is not refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It is a fixed key: check it with the vendor, or bind a new one.
    #[error("a fixed key was refused: check it with the vendor, or bind a new one")]
    FixedKey,
    /// The vendor says that the token lacks a permission (RFC 6750, 3.1): ask for it there.
    #[error("the token lacks a permission: ask for it with the vendor")]
    InsufficientScope,
    /// Refusals have led to many token requests lately, and fresh tokens are refused again: most likely a
    /// permission or a region is wrong, which no token request cures.
    #[error(
        "fresh tokens are refused again and again: check permissions and region with the vendor"
    )]
    Throttled,
    /// Refresh after a refusal is switched off for this vendor.
    #[error("refresh after a refusal is switched off")]
    RefreshDisabled,
}
