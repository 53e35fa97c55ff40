//! Failed token requests: when the next attempt is allowed, and the error for callers until then.

use std::time::{Duration, Instant};

use super::settings::Settings;
use crate::{AuthError, TokenRequestProblem};

/// The failures since the last success.
#[derive(Debug, Default)]
pub(super) struct Failures {
    in_a_row: u32,
    /// Boxed: an error is large and rarely there.
    last: Option<Box<(AuthError, Instant)>>,
}

/// The longest `Retry-After` that is obeyed.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

impl Failures {
    /// Records a failure at `now`.
    pub(super) fn add(&mut self, error: &AuthError, settings: &Settings, now: Instant) {
        if !is_about_the_vendor(error) {
            return;
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        let delays = if error.is_transient() {
            settings.pacing.after_failure
        } else {
            settings.pacing.after_refused_key
        };
        let retry_after = error
            .retry_after()
            .filter(|retry_after| !retry_after.is_zero());
        let delay = retry_after.map_or_else(
            || delays.after(self.in_a_row),
            |retry_after| retry_after.min(MAX_RETRY_AFTER),
        );
        self.last = now
            .checked_add(delay)
            .map(|until| Box::new((error.clone(), until)));
    }

    /// The failure that forbids an attempt at `now`.
    pub(super) fn forbids(&self, now: Instant) -> Option<&AuthError> {
        self.last
            .as_deref()
            .filter(|(_, until)| now < *until)
            .map(|(error, _)| error)
    }

    /// How long no attempt is allowed, from `now`.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        let (_, until) = self.last.as_deref()?;
        until
            .checked_duration_since(now)
            .filter(|left| !left.is_zero())
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// Whether an error is about the vendor and not about this program.
fn is_about_the_vendor(error: &AuthError) -> bool {
    let AuthError::TokenRequest { problem, .. } = error else {
        return !matches!(error, AuthError::NoRuntime);
    };
    !matches!(
        problem,
        TokenRequestProblem::Interrupted | TokenRequestProblem::Panicked
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, SystemClock};

    fn failed(retry_after: Option<u64>) -> AuthError {
        AuthError::TokenRequest {
            endpoint: "a".to_owned(),
            problem: TokenRequestProblem::Empty,
            retry_after: retry_after.map(Duration::from_secs),
        }
    }

    #[test]
    fn retry_after_is_obeyed_for_up_to_an_hour() {
        let (now, settings) = (SystemClock.monotonic(), Settings::default());
        let left = |retry_after| {
            let mut failures = Failures::default();
            failures.add(&failed(retry_after), &settings, now);
            failures.left(now).unwrap().as_secs_f64()
        };
        assert!((left(Some(7)) - 7.0).abs() < 1e-9);
        assert!((left(Some(86_400)) - 3600.0).abs() < 1e-9);
        assert!((0.5..=1.0).contains(&left(None)));
        assert!((0.5..=1.0).contains(&left(Some(0))));
    }

    #[test]
    fn a_failure_of_this_program_causes_no_back_off() {
        let mut failures = Failures::default();
        let now = SystemClock.monotonic();
        failures.add(&AuthError::NoRuntime, &Settings::default(), now);
        assert!(failures.forbids(now).is_none());
    }
}
