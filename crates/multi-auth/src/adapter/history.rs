//! Why a request was replayed so far: at most once per reason.

use http::StatusCode;

use super::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::Tag;
use crate::{Generation, ReplayReasons};

/// The replays of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct History {
    /// The status with which the first attempt was refused.
    first: StatusCode,
    /// Greater than the generation of any token that was requested before the first refusal.
    since: Generation,
    reasons: ReplayReasons,
    replays: u8,
}

impl History {
    /// No replay yet: the first attempt was refused with `status`.
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            first: status,
            since: Generation::next(),
            reasons: ReplayReasons::default(),
            replays: 0,
        }
    }

    pub(super) fn reasons(self) -> ReplayReasons {
        self.reasons
    }

    pub(super) fn since(self) -> Generation {
        self.since
    }

    /// With one more replay, for `reasons`; `None` if there was one for each of them.
    pub(crate) fn and(self, reasons: ReplayReasons) -> Option<Self> {
        (!reasons.are_within(self.reasons)).then_some(Self {
            reasons: self.reasons.and(reasons),
            replays: self.replays + 1,
            ..self
        })
    }

    /// The outcome of the last replay, whose response has `status`.
    pub(super) fn replayed(self, tag: Tag, status: StatusCode) -> Outcome {
        // The body of the first response may have reported the refusal, with a status of success.
        let again =
            !status.is_success() && (status == self.first || status == StatusCode::UNAUTHORIZED);
        let why = again.then_some(NotReplayed::RefusedAgain);
        Outcome::replayed(tag, self.first, self.attempts(), why)
    }

    /// The outcome of the last replay, which was refused for `why`.
    pub(super) fn refused(self, tag: Tag, why: NotReplayed) -> Outcome {
        Outcome::replayed(tag, self.first, self.attempts(), Some(why))
    }

    /// The outcome of the last replay, whose response came from outside the credential's protection
    /// space.
    pub(super) fn replayed_elsewhere(self, tag: Tag, is_refused: bool) -> Outcome {
        let why = is_refused.then_some(NotReplayed::ForeignOrigin);
        Outcome::replayed(tag, self.first, self.attempts(), why)
    }

    /// The outcome of a refusal with `status` where the last replay did not take place.
    pub(super) fn undone(self, tag: Tag, status: StatusCode, why: NotReplayed) -> Outcome {
        match self.replays {
            0 | 1 => Outcome::refused(tag, status, why),
            replays => Outcome::replayed(tag, self.first, replays, Some(why)),
        }
    }

    fn attempts(self) -> u8 {
        self.replays + 1
    }
}
