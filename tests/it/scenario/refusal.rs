//! Tokens that are refused.

use std::time::Duration;

use super::on_each_face;
use super::script::Gets::{RefreshFailed, Refusal, Replay, Token};
use super::script::Script;
use super::vendor::Gives;

on_each_face! {
    fn a_refused_token_is_refreshed_once_for_all() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .revoke()
            .slow(100, 5, Replay(2))
            .join()
            .calls(100, Token(2), 0)
            .token_requests(2)
    }

    fn refusals_that_come_late_cause_no_further_token_request() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .revoke()
            .slow(1_000, 200, Replay(2))
            .calls(1, Replay(2), 20)
            .join()
            .token_requests(2)
    }

    fn a_second_refusal_ends_it() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .refuse_all()
            .calls(1, Refusal, 40)
            .token_requests(2)
    }

    fn the_token_just_refused_ends_it_too() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::SameToken)
            .calls(1, Token(1), 20)
            .revoke()
            .calls(1, Refusal, 20)
            .token_requests(2)
    }

    fn a_refresh_that_fails_is_an_error_of_both() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .revoke()
            .slow(50, 5, RefreshFailed)
            .join()
            .token_requests(2)
            .pass(1_001)
            .calls(50, Token(2), 20)
            .token_requests(3)
    }

    fn a_permission_problem_causes_few_token_requests() -> Script {
        (0..8).fold(Script::new(), |script, _| script.token_request(0, Gives::Token))
            .refuse_all()
            .calls(1, Refusal, 0)
            .calls(1, Refusal, 0)
            .calls(1, Refusal, 0)
            .calls(1, Refusal, 0)
            .calls(1, Refusal, 0)
            .token_requests(6)
            .calls(100, Refusal, 0)
            .token_requests(6)
            .pass_seconds(11)
            .calls(100, Refusal, 0)
            .token_requests(7)
    }

    fn a_vendor_that_refuses_everything_causes_few_token_requests_for_any_refusal_limit() -> Script {
        (0..11).fold(Script::new(), |script, _| script.token_request(0, Gives::Token))
            .settings(|bearer| bearer.refusal_limit(u32::MAX, Duration::ZERO))
            .refuse_all()
            .each(100, |script, _| script.calls(1, Refusal, 0))
            .token_requests(10)
            .pass(1_001)
            .each(100, |script, _| script.calls(1, Refusal, 0))
            .token_requests(11)
    }

    fn a_limit_of_no_refusals_refreshes_none() -> Script {
        Script::new()
            .settings(|bearer| bearer.refusal_limit(0, Duration::from_secs(10)))
            .token_request(0, Gives::Token)
            .refuse_all()
            .calls(10, Refusal, 0)
            .pass_seconds(3_600)
            .calls(10, Refusal, 0)
            .token_requests(1)
    }
}
