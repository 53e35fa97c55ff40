//! One token request for all, and callers that come and go.

use super::on_each_face;
use super::script::Gets::Token;
use super::script::Script;
use super::vendor::Gives::{self, Lives};

on_each_face! {
    fn many_callers_of_a_cold_cache_share_one_token_request() -> Script {
        Script::new().token_request(20, Gives::Token).calls(10_000, Token(1), 20).token_requests(1)
    }

    fn many_callers_of_an_expired_token_share_one_token_request() -> Script {
        Script::new()
            .token_request(20, Lives(60))
            .token_request(20, Lives(60))
            .calls(200, Token(1), 20)
            .pass_seconds(60)
            .calls(200, Token(2), 20)
            .token_requests(2)
    }

    fn a_token_request_outlives_callers_that_give_up() -> Script {
        Script::new()
            .token_request(1_000, Gives::Token)
            .give_up(300, 100)
            .give_up(300, 100)
            .calls(50, Token(1), 800)
            .calls(50, Token(1), 0)
            .token_requests(1)
    }

    fn a_token_request_that_everybody_left_still_brings_its_token() -> Script {
        Script::new()
            .token_request(1_000, Gives::Token)
            .give_up(10, 100)
            .pass(1_000)
            .calls(10, Token(1), 0)
            .token_requests(1)
    }

    fn clear_during_a_token_request_serves_waiting_callers_and_caches_nothing() -> Script {
        Script::new()
            .token_request(1_000, Gives::Token)
            .token_request(20, Gives::Token)
            .slow(10, 0, Token(1))
            .clear()
            .pass(1_100)
            .join()
            .calls(1, Token(2), 20)
            .token_requests(2)
    }
}
