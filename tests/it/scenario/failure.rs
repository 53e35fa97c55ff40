//! Token requests that fail.

use super::on_each_face;
use super::script::Gets::{Failure, KeyRefused, Panic, Token};
use super::script::Script;
use super::vendor::Gives::{self, Busy, Lives};

const HOUR: u64 = 3600;

on_each_face! {
    fn a_failure_is_shared_by_all_waiting_callers() -> Script {
        Script::new().token_request(20, Gives::Failure).calls(100, Failure, 20).token_requests(1)
    }

    fn after_a_failure_no_token_request_is_made_before_the_delay_is_over() -> Script {
        Script::new()
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Token)
            .calls(1, Failure, 20)
            .pass(400)
            .calls(100, Failure, 0)
            .token_requests(1)
            .pass(601)
            .calls(100, Token(1), 20)
            .token_requests(2)
    }

    fn in_the_refresh_window_failures_reach_no_caller_and_attempts_are_spaced() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Failure)
            .token_request(20, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(2_701)
            .calls(50, Token(1), 0)
            .pass(100)
            .calls(50, Token(1), 0)
            .token_requests(2)
            .pass(1_000)
            .calls(50, Token(1), 0)
            .pass(100)
            .calls(50, Token(1), 0)
            .token_requests(3)
            .pass(2_000)
            .calls(1, Token(1), 0)
            .pass(100)
            .calls(50, Token(2), 0)
            .token_requests(4)
    }

    fn a_vendor_that_stalls_delays_no_request_in_the_refresh_window() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .token_request(60_000, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(2_701)
            .calls(50, Token(1), 0)
            .pass_seconds(29)
            .calls(50, Token(1), 0)
            .token_requests(2)
    }

    fn a_wish_to_be_left_alone_is_obeyed() -> Script {
        Script::new()
            .token_request(20, Busy(120))
            .token_request(20, Gives::Token)
            .calls(1, Failure, 20)
            .pass_seconds(119)
            .calls(100, Failure, 0)
            .token_requests(1)
            .pass_seconds(2)
            .calls(1, Token(1), 20)
    }

    fn a_refused_key_is_remembered_and_not_sent_with_every_request() -> Script {
        Script::new()
            .token_request(30_000 - 1, Gives::KeyRefused)
            .token_request(20, Gives::KeyRefused)
            .token_request(20, Gives::Token)
            .calls(1, KeyRefused, 30_000 - 1)
            .calls(100, KeyRefused, 0)
            .pass_seconds(2)
            .calls(100, KeyRefused, 0)
            .token_requests(1)
            .pass_seconds(4)
            .calls(1, KeyRefused, 20)
            .token_requests(2)
            .pass_seconds(11)
            .calls(1, Token(1), 20)
    }

    fn in_the_window_a_refused_key_keeps_the_valid_token() -> Script {
        Script::new()
            .settings(|bearer| {
                let minute = std::time::Duration::from_secs(120);
                bearer.refused_key_backoff(minute, minute)
            })
            .token_request(20, Lives(HOUR))
            .token_request(20, Gives::KeyRefused)
            .token_request(20, Gives::KeyRefused)
            .calls(1, Token(1), 20)
            .pass_seconds(3_587)
            .calls(50, Token(1), 0)
            .pass(100)
            .calls(50, Token(1), 0)
            .token_requests(2)
            .pass_seconds(4)
            .calls(10, KeyRefused, 20)
            .calls(10, KeyRefused, 0)
            .token_requests(3)
    }

    fn a_pause_does_not_outlive_the_token() -> Script {
        Script::new()
            .settings(|bearer| {
                let minute = std::time::Duration::from_secs(60);
                bearer.backoff(minute, minute)
            })
            .token_request(20, Lives(HOUR))
            .token_request(20, Gives::Failure)
            .token_request(20, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(3_580)
            .calls(50, Token(1), 0)
            .token_requests(2)
            .pass_seconds(11)
            .calls(50, Token(2), 20)
            .token_requests(3)
    }

    fn a_wish_to_be_left_alone_does_not_outlive_the_token_and_a_second_one_is_obeyed() -> Script {
        Script::new()
            .token_request(20, Lives(HOUR))
            .token_request(20, Busy(HOUR))
            .token_request(20, Busy(120))
            .token_request(20, Gives::Token)
            .calls(1, Token(1), 20)
            .pass_seconds(3_580)
            .calls(50, Token(1), 0)
            .pass_seconds(11)
            .calls(50, Failure, 20)
            .calls(50, Failure, 0)
            .token_requests(3)
            .pass_seconds(119)
            .calls(50, Failure, 0)
            .token_requests(3)
            .pass_seconds(2)
            .calls(50, Token(2), 20)
    }

    fn without_pauses_of_the_users_choice_failures_cause_no_token_request_per_request() -> Script {
        (0..11).fold(Script::new(), |script, _| script.token_request(0, Gives::Failure))
            .settings(|bearer| {
                let none = std::time::Duration::ZERO;
                bearer.backoff(none, none).refused_key_backoff(none, none)
            })
            .each(10, |script, _| script.calls(1, Failure, 0))
            .token_requests(10)
            .each(100, |script, _| script.calls(1, Failure, 0))
            .token_requests(10)
            .pass(1_001)
            .each(100, |script, _| script.calls(1, Failure, 0))
            .token_requests(11)
    }

    fn token_requests_to_a_source_that_always_panics_are_limited() -> Script {
        (0..10).fold(Script::new(), |script, _| script.token_request(0, Gives::Panic))
            .each(10, |script, _| script.calls(1, Panic, 0))
            .each(100, |script, _| script.calls(1, Panic, 0))
            .token_requests(10)
    }

    fn the_pause_grows_and_a_success_ends_it() -> Script {
        Script::new()
            .token_request(0, Gives::Failure)
            .token_request(0, Gives::Failure)
            .token_request(0, Gives::Failure)
            .token_request(0, Gives::Token)
            .token_request(0, Gives::Failure)
            .token_request(0, Gives::Token)
            .calls(1, Failure, 0)
            .pass(1_001)
            .calls(1, Failure, 0)
            .pass(2_001)
            .calls(1, Failure, 0)
            .pass(1_900)
            .calls(1, Failure, 0)
            .token_requests(3)
            .pass(2_101)
            .calls(1, Token(1), 0)
            .invalidate()
            .calls(1, Failure, 0)
            .pass(1_001)
            .calls(1, Token(2), 0)
    }

    fn invalidate_does_not_shorten_the_pause() -> Script {
        Script::new()
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Token)
            .calls(1, Failure, 20)
            .invalidate()
            .calls(10, Failure, 0)
            .token_requests(1)
            .pass(1_001)
            .calls(1, Token(1), 20)
    }

    fn an_endless_token_request_times_out() -> Script {
        Script::new()
            .token_request(100_000, Gives::Token)
            .token_request(20, Gives::Token)
            .calls(10, Failure, 30_000)
            .pass(1_001)
            .calls(1, Token(1), 20)
    }

    fn by_choice_a_token_request_is_tried_again_before_anybody_hears_of_it() -> Script {
        Script::new()
            .settings(|bearer| {
                let at_most = std::time::Duration::from_millis(100);
                bearer.attempts(3.try_into().unwrap()).backoff(at_most, at_most)
            })
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Failure)
            .token_request(20, Gives::Token)
            .token_request(20, Gives::KeyRefused)
            .slow(50, 0, Token(1))
            .join()
            .token_requests(3)
            .invalidate()
            .calls(10, KeyRefused, 20)
            .token_requests(4)
    }

    fn a_panic_of_the_source_fails_waiting_callers_and_the_next_call_works() -> Script {
        Script::new()
            .token_request(20, Gives::Panic)
            .token_request(20, Gives::Token)
            .calls(10, Panic, 20)
            .calls(10, Token(1), 20)
            .token_requests(2)
    }
}
