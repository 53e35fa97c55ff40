//! The vendor: it issues tokens, and limits the token requests of the deployment.

use super::Time;
use super::random::Random;
use super::scenario::Scenario;

/// The vendor's answer to a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Response {
    /// A token. It was requested at this time.
    Token(Time),
    /// 503.
    Unavailable,
    /// 429, with this `Retry-After`.
    TooMany(Time),
}

/// The `Retry-After` of the vendor.
const RETRY_AFTER: Time = Time::from_secs(30);
/// How long a token request takes that gives no token.
const REFUSAL: Time = Time::from_millis(300);

/// The token requests of the current second.
#[derive(Default)]
pub(super) struct Vendor {
    second: u64,
    accepted: u32,
}

impl Vendor {
    /// Answers a token request, and says how long that takes.
    pub(super) fn respond(
        &mut self,
        now: Time,
        scenario: &Scenario,
        random: &mut Random,
    ) -> (Response, Time) {
        if !self.accepts(now, scenario.vendor_limit) {
            return (Response::TooMany(RETRY_AFTER), REFUSAL);
        }
        if scenario.is_vendor_down(now) {
            return (Response::Unavailable, REFUSAL);
        }
        (Response::Token(now), random.exchange())
    }

    fn accepts(&mut self, now: Time, limit: u32) -> bool {
        if self.second != now.as_secs() {
            (self.second, self.accepted) = (now.as_secs(), 0);
        }
        self.accepted += 1;
        self.accepted <= limit
    }
}
