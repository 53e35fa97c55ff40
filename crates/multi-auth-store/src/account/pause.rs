//! The pause of all processes after a failed token request.

use std::time::Duration;

use multi_auth::{AuthError, TokenRequestProblem};

use crate::delays::Delays;
use crate::{StoreError, StoreProblem};

const AFTER_OUTAGE: Delays = Delays {
    first: Duration::from_secs(1),
    longest: Duration::from_secs(30),
};
const AFTER_REFUSAL: Delays = Delays {
    first: Duration::from_secs(5),
    longest: Duration::from_secs(300),
};

/// The longest `Retry-After` that is accepted.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// How long no process should send a token request after `error` and `failures` earlier failures.
/// `None` if the error does not concern the vendor.
pub(super) fn after(error: &AuthError, failures: u32) -> Option<Duration> {
    if !concerns_the_vendor(error) {
        return None;
    }
    if let Some(retry_after) = error.retry_after() {
        // The vendor says it to all processes at once, so up to a half is added.
        let spread = retry_after
            .min(MAX_RETRY_AFTER)
            .mul_f64(1.0 + fastrand::f64() / 2.0);
        return Some(spread.min(MAX_RETRY_AFTER));
    }
    let delays = if error.is_transient() {
        AFTER_OUTAGE
    } else {
        AFTER_REFUSAL
    };
    Some(delays.after(failures))
}

fn concerns_the_vendor(error: &AuthError) -> bool {
    match error {
        AuthError::TokenRequest { problem, .. } => !matches!(
            problem,
            TokenRequestProblem::Throttled
                | TokenRequestProblem::BudgetSpent
                | TokenRequestProblem::Panicked
                | TokenRequestProblem::Interrupted
        ),
        AuthError::Other { error, .. } => match error.downcast_ref::<StoreError>() {
            Some(error) => matches!(error.problem(), StoreProblem::Unfinished),
            None => true,
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outage() -> AuthError {
        AuthError::token_request("https://a.example/token", TokenRequestProblem::Timeout)
    }

    #[test]
    fn pauses_double_from_1_to_30_seconds_and_jitter_shortens_them_by_up_to_half() {
        for (failures, longest) in [(0, 1), (1, 2), (4, 16), (5, 30), (1_000, 30)] {
            let pause = after(&outage(), failures).unwrap();
            let longest = Duration::from_secs(longest);
            assert!(
                (longest / 2..=longest).contains(&pause),
                "{failures}: {pause:?}"
            );
        }
    }

    #[test]
    fn a_refused_key_pauses_for_longer_and_retry_after_decides() {
        let refused = TokenRequestProblem::Refused;
        let refused = AuthError::token_request("https://a.example/token", refused);
        assert!(after(&refused, 0).unwrap() >= Duration::from_millis(2_500));
        let day = Duration::from_secs(86_400);
        let pause = after(&outage().with_retry_after(day), 0).unwrap();
        assert_eq!(pause, MAX_RETRY_AFTER);
        let minute = Duration::from_secs(60);
        let pause = after(&outage().with_retry_after(minute), 0).unwrap();
        assert!((minute..=minute * 3 / 2).contains(&pause), "{pause:?}");
    }

    #[test]
    fn an_error_of_this_process_pauses_no_other() {
        let not_logged_in = StoreError::new("the account", StoreProblem::NotLoggedIn);
        assert_eq!(after(&not_logged_in.into(), 0), None);
        let local = TokenRequestProblem::Throttled;
        assert_eq!(after(&AuthError::token_request("a", local), 0), None);
    }
}
