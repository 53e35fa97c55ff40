//! A token's life.

use std::time::Duration;

use multi_auth::OnExpired;

use super::on_each_face;
use super::script::Gets::{Expired, Failure, Refusal, Token};
use super::script::Script;
use super::vendor::Gives::{self, Lives};

const HOUR: u64 = 3600;

on_each_face! {
    fn a_fresh_token_serves_all_callers_with_one_token_request() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .calls(100, Token(1), 20)
            .pass_seconds(2_600)
            .calls(100, Token(1), 0)
            .token_requests(1)
    }

    fn in_the_refresh_window_no_request_waits_and_one_token_request_runs() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .token_request(5_000, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(2_701)
            .calls(50, Token(1), 0)
            .pass(2_500)
            .calls(50, Token(1), 0)
            .token_requests(2)
            .pass(3_000)
            .calls(50, Token(2), 0)
            .token_requests(2)
    }

    fn after_expiry_all_callers_wait_for_one_token_request() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .token_request(30, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(50, Token(2), 30)
            .token_requests(2)
    }

    fn a_configured_margin_applies_to_each_token() -> Script {
        Script::new()
            .settings(|bearer| bearer.margin(Duration::from_secs(60)).window(Duration::ZERO))
            .token_request(0, Lives(600))
            .token_request(0, Lives(600))
            .token_request(0, Lives(600))
            .calls(1, Token(1), 0)
            .pass_seconds(539)
            .calls(1, Token(1), 0)
            .token_requests(1)
            .pass_seconds(2)
            .calls(1, Token(2), 0)
            .pass_seconds(541)
            .calls(1, Token(3), 0)
    }

    fn a_token_request_that_took_long_shortens_the_tokens_life() -> Script {
        Script::new()
            .token_request(20_000, Lives(100))
            .token_request(0, Lives(100))
            .calls(1, Token(1), 20_000)
            .pass_seconds(71)
            .calls(1, Token(2), 0)
            .token_requests(2)
    }

    fn a_token_of_unknown_life_is_used_until_it_is_put_aside() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .pass_seconds(1_000_000)
            .calls(1, Token(1), 0)
            .invalidate()
            .calls(1, Token(2), 20)
    }

    fn a_maximum_age_expires_a_token_of_unknown_lifetime() -> Script {
        Script::new()
            .settings(|bearer| bearer.max_age(Duration::from_secs(600)))
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .pass_seconds(600)
            .calls(1, Token(2), 20)
    }

    fn a_token_that_has_expired_on_arrival_is_never_sent_and_never_causes_a_token_request_per_request() -> Script {
        Script::new()
            .token_request(20, Lives(0))
            .token_request(20, Lives(HOUR))
            .calls(100, Expired, 20)
            .calls(100, Expired, 0)
            .pass_seconds(2)
            .calls(100, Expired, 0)
            .token_requests(1)
            .pass_seconds(4)
            .calls(10, Token(2), 20)
            .token_requests(2)
    }

    fn a_token_that_expires_during_its_token_request_is_requested_once_more() -> Script {
        Script::new()
            .token_request(20_000, Lives(10))
            .token_request(20, Lives(10))
            .calls(10, Token(2), 20_020)
            .token_requests(2)
    }

    fn two_token_requests_longer_than_the_tokens_lifetime_are_a_transient_failure() -> Script {
        Script::new()
            .token_request(11_000, Lives(10))
            .token_request(11_000, Lives(10))
            .token_request(20, Lives(10))
            .calls(10, Failure, 22_000)
            .calls(10, Failure, 0)
            .token_requests(2)
            .pass(1_001)
            .calls(10, Token(3), 20)
    }

    fn tokens_that_are_put_aside_cause_no_token_request_per_request() -> Script {
        (0..11).fold(Script::new(), |script, _| script.token_request(0, Gives::Token))
            .each(10, |script, number| script.calls(1, Token(number + 1), 0).invalidate())
            .calls(100, Failure, 0)
            .token_requests(10)
            .clear()
            .calls(100, Failure, 0)
            .token_requests(10)
            .pass(1_001)
            .calls(100, Token(11), 0)
            .token_requests(11)
    }

    fn clear_forgets_the_token_and_the_failures() -> Script {
        Script::new()
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(1, Failure, 20)
            .clear()
            .calls(1, Token(1), 20)
            .clear()
            .calls(1, Token(2), 20)
    }

    fn force_refresh_replaces_a_valid_token_while_others_use_it() -> Script {
        Script::new()
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .refresh()
            .calls(5, Token(2), 0)
            .token_requests(2)
    }

    fn an_expired_token_is_sent_by_choice_while_the_vendor_is_down() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .token_request(20, Lives(HOUR))
            .token_request(20, Gives::Failure)
            .token_request(20, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(10, Token(1), 20)
            .calls(10, Token(1), 0)
            .token_requests(2)
            .pass_seconds(2)
            .calls(10, Token(2), 20)
    }

    fn by_default_an_expired_token_is_not_used() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .token_request(20, Gives::Failure)
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(10, Failure, 20)
            .token_requests(2)
    }

    fn by_choice_an_invalidated_token_serves_while_no_newer_one_is_available() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .token_request(20, Gives::Token)
            .token_request(20, Gives::Failure)
            .calls(1, Token(1), 20)
            .invalidate()
            .calls(5, Token(1), 20)
            .token_requests(2)
    }

    fn a_refused_token_is_never_served_stale() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .token_request(20, Gives::Token)
            .token_request(20, Gives::SameToken)
            .calls(1, Token(1), 20)
            .revoke()
            .calls(1, Refusal, 20)
            .token_requests(2)
    }

    fn a_vendor_that_hangs_delays_no_request_if_a_stale_token_may_serve() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .token_request(20, Lives(HOUR))
            .token_request(25_000, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(10, Token(1), 1_000)
            .calls(10, Token(1), 0)
            .pass_seconds(10)
            .calls(10, Token(1), 0)
            .pass_seconds(15)
            .calls(10, Token(2), 0)
            .token_requests(2)
    }

    fn a_stale_token_is_sent_at_once_by_choice_during_the_refresh() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale).stale_after(Duration::ZERO))
            .token_request(20, Lives(HOUR))
            .token_request(20, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(10, Token(1), 0)
            .pass(21)
            .calls(10, Token(2), 0)
            .token_requests(2)
    }

    fn an_invalidated_token_is_sent_too_while_the_vendor_hangs() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .token_request(20, Gives::Token)
            .token_request(100_000, Gives::Token)
            .calls(1, Token(1), 20)
            .invalidate()
            .calls(5, Token(1), 1_000)
            .calls(5, Token(1), 0)
            .pass_seconds(28)
            .calls(5, Token(1), 0)
            .token_requests(2)
    }
}
