//! Why a request was replayed so far: at most once per reason.

use http::StatusCode;

use super::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::Tag;

/// The reasons for which a request was replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reasons(u8);

impl Reasons {
    pub(crate) const REFRESHED: Self = Self(1);
    pub(crate) const RESIGNED: Self = Self(1 << 1);
    pub(crate) const OTHER_KEY: Self = Self(1 << 2);

    pub(crate) fn contain(self, reason: Self) -> bool {
        self.0 & reason.0 != 0
    }

    fn count(self) -> u8 {
        self.0.count_ones().try_into().unwrap_or(u8::MAX)
    }
}

/// The replays of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    /// The status with which the first attempt was refused.
    first: StatusCode,
    reasons: Reasons,
}

impl History {
    /// No replay yet: the first attempt was refused with `status`.
    pub(super) fn new(status: StatusCode) -> Self {
        Self {
            first: status,
            reasons: Reasons::default(),
        }
    }

    pub(super) fn reasons(self) -> Reasons {
        self.reasons
    }

    /// With one more replay, for `reason`; `None` if there was one for that reason.
    pub(super) fn and(self, reason: Reasons) -> Option<Self> {
        (!self.reasons.contain(reason)).then_some(Self {
            reasons: Reasons(self.reasons.0 | reason.0),
            ..self
        })
    }

    /// The outcome of the last replay, whose response has `status`.
    pub(super) fn replayed(self, tag: Tag, status: StatusCode) -> Outcome {
        let again = status == self.first || status == StatusCode::UNAUTHORIZED;
        let why = again.then_some(NotReplayed::RefusedAgain);
        Outcome::replayed(tag, self.first, self.attempts(), why)
    }

    /// The outcome of the last replay, whose response came from outside the credential's protection space.
    pub(super) fn replayed_elsewhere(self, tag: Tag, is_refused: bool) -> Outcome {
        let why = is_refused.then_some(NotReplayed::ForeignOrigin);
        Outcome::replayed(tag, self.first, self.attempts(), why)
    }

    /// The outcome of a refusal with `status` where the last replay did not take place.
    pub(super) fn undone(self, tag: Tag, status: StatusCode, why: NotReplayed) -> Outcome {
        match self.reasons.count() {
            0 | 1 => Outcome::refused(tag, status, why),
            replays => Outcome::replayed(tag, self.first, replays, Some(why)),
        }
    }

    fn attempts(self) -> u8 {
        self.reasons.count() + 1
    }
}
