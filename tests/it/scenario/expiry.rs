//! A token's life (behaviours, section 5).

use std::time::Duration;

use multi_auth::OnExpired;

use super::on_each_face;
use super::script::Gets::{Failure, Refusal, Token};
use super::script::Script;
use super::vendor::Gives::{self, Lives};

const HOUR: u64 = 3600;

on_each_face! {
    /// case 52
    fn a_fresh_token_serves_everybody_with_one_exchange() -> Script {
        Script::new()
            .exchange(20, Lives(HOUR))
            .calls(100, Token(1), 20)
            .pass_seconds(2_600)
            .calls(100, Token(1), 0)
            .exchanges(1)
    }

    /// case 56, case 57
    fn in_the_window_nobody_waits_and_one_exchange_runs_behind() -> Script {
        Script::new()
            .exchange(20, Lives(HOUR))
            .exchange(5_000, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(2_701)
            .calls(50, Token(1), 0)
            .pass(2_500)
            .calls(50, Token(1), 0)
            .exchanges(2)
            .pass(3_000)
            .calls(50, Token(2), 0)
            .exchanges(2)
    }

    /// case 58
    fn past_its_end_all_wait_for_one_exchange() -> Script {
        Script::new()
            .exchange(20, Lives(HOUR))
            .exchange(30, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(50, Token(2), 30)
            .exchanges(2)
    }

    /// case 54
    fn a_margin_of_the_users_own_holds_for_each_token() -> Script {
        Script::new()
            .settings(|bearer| bearer.margin(Duration::from_secs(60)).window(Duration::ZERO))
            .exchange(0, Lives(600))
            .exchange(0, Lives(600))
            .exchange(0, Lives(600))
            .calls(1, Token(1), 0)
            .pass_seconds(539)
            .calls(1, Token(1), 0)
            .exchanges(1)
            .pass_seconds(2)
            .calls(1, Token(2), 0)
            .pass_seconds(541)
            .calls(1, Token(3), 0)
    }

    /// case 81
    fn an_exchange_that_took_long_shortens_the_tokens_life() -> Script {
        Script::new()
            .exchange(20_000, Lives(100))
            .exchange(0, Lives(100))
            .calls(1, Token(1), 20_000)
            .pass_seconds(71)
            .calls(1, Token(2), 0)
            .exchanges(2)
    }

    /// case 66
    fn a_token_of_unknown_life_is_used_until_it_is_put_aside() -> Script {
        Script::new()
            .exchange(20, Gives::Token)
            .exchange(20, Gives::Token)
            .calls(1, Token(1), 20)
            .pass_seconds(1_000_000)
            .calls(1, Token(1), 0)
            .invalidate()
            .calls(1, Token(2), 20)
    }

    fn a_greatest_age_ends_a_token_of_unknown_life() -> Script {
        Script::new()
            .settings(|bearer| bearer.max_age(Duration::from_secs(600)))
            .exchange(20, Gives::Token)
            .exchange(20, Gives::Token)
            .calls(1, Token(1), 20)
            .pass_seconds(600)
            .calls(1, Token(2), 20)
    }

    fn a_token_that_is_dead_on_arrival_is_used_by_those_who_waited() -> Script {
        Script::new()
            .exchange(20, Lives(0))
            .exchange(20, Lives(HOUR))
            .calls(10, Token(1), 20)
            .pass(1)
            .calls(10, Token(2), 20)
            .exchanges(2)
    }

    /// case 69, case 76
    fn clear_forgets_the_token_and_the_failures() -> Script {
        Script::new()
            .exchange(20, Gives::Failure)
            .exchange(20, Gives::Token)
            .exchange(20, Gives::Token)
            .calls(1, Failure, 20)
            .clear()
            .calls(1, Token(1), 20)
            .clear()
            .calls(1, Token(2), 20)
    }

    fn force_renew_replaces_a_good_token_while_others_use_it() -> Script {
        Script::new()
            .exchange(20, Gives::Token)
            .exchange(20, Gives::Token)
            .calls(1, Token(1), 20)
            .renew()
            .calls(5, Token(2), 0)
            .exchanges(2)
    }

    /// case 100
    fn by_choice_a_token_that_has_ended_serves_while_the_vendor_is_down() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .exchange(20, Lives(HOUR))
            .exchange(20, Gives::Failure)
            .exchange(20, Lives(HOUR))
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(10, Token(1), 20)
            .calls(10, Token(1), 0)
            .exchanges(2)
            .pass_seconds(2)
            .calls(10, Token(2), 20)
    }

    /// case 101
    fn by_default_a_token_that_has_ended_is_no_token() -> Script {
        Script::new()
            .exchange(20, Lives(HOUR))
            .exchange(20, Gives::Failure)
            .calls(1, Token(1), 20)
            .pass_seconds(HOUR)
            .calls(10, Failure, 20)
            .exchanges(2)
    }

    /// case 129
    fn by_choice_a_token_put_aside_serves_while_no_newer_one_can_be_had() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .exchange(20, Gives::Token)
            .exchange(20, Gives::Failure)
            .calls(1, Token(1), 20)
            .invalidate()
            .calls(5, Token(1), 20)
            .exchanges(2)
    }

    fn a_refused_token_is_never_served_stale() -> Script {
        Script::new()
            .settings(|bearer| bearer.on_expired(OnExpired::ServeStale))
            .exchange(20, Gives::Token)
            .exchange(20, Gives::SameToken)
            .calls(1, Token(1), 20)
            .revoke()
            .calls(1, Refusal, 20)
            .exchanges(2)
    }
}
