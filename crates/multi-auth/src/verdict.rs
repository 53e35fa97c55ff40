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
    /// More than one of these, from an [`AllOf`](crate::AllOf) or a [`Sequence`](crate::Sequence).
    Several(ReplayReasons),
    /// The credential was refused and a new one would not help; deliver the answer.
    Reject(Rejection),
}

/// Several reasons for one replay, from the authenticators of several credentials.
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

    /// Whether each of these is one of `spent`.
    pub(crate) fn are_within(self, spent: Self) -> bool {
        self.0 & !spent.0 == 0
    }
}

impl Verdict {
    /// The verdict on two credentials: each new one that can be had is a reason for a replay.
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

    /// Whether the request is to be sent again.
    #[must_use]
    pub fn is_replay(self) -> bool {
        self.reasons() != ReplayReasons::default()
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
