//! Each rule about a response, in whole exchanges.

use multi_auth::adapter::NotReplayed;
use multi_auth::{AllOf, ApiKey, Rejection};

use super::script::{Reply, exchange, exchange_with, refusal, stale};
use super::*;

const OK: Reply = Reply::Success(None);

/// An authenticator that was accepted with the nonce `n1` once.
fn accepted_with_n1() -> Digest {
    let digest = digest();
    let first = exchange(&digest, vec![refusal("n1"), OK]);
    assert_eq!(first.nonces(), [None, Some(("n1", 1))]);
    assert_eq!(first.status(), 200);
    digest
}

#[test]
fn later_requests_are_sent_once_with_the_nonce_of_the_first() {
    let digest = accepted_with_n1();
    for count in 2..5 {
        let exchange = exchange(&digest, vec![OK]);
        assert_eq!(exchange.nonces(), [Some(("n1", count))]);
    }
}

#[test]
fn a_server_that_wants_no_credential_gets_none() {
    let digest = digest();
    for _ in 0..2 {
        assert_eq!(exchange(&digest, vec![OK]).nonces(), [None]);
    }
}

#[test]
fn an_expired_nonce_costs_one_more_request() {
    for renewed in [stale("n2"), refusal("n2")] {
        let digest = accepted_with_n1();
        let exchange = exchange(&digest, vec![renewed, OK]);
        assert_eq!(exchange.nonces(), [Some(("n1", 2)), Some(("n2", 1))]);
        assert_eq!((exchange.status(), exchange.outcome()), (200, None));
    }
}

#[test]
fn a_nonce_that_comes_again_is_not_counted_from_one() {
    let digest = accepted_with_n1();
    let again = exchange(&digest, vec![stale("n1"), OK]);
    assert_eq!(again.nonces(), [Some(("n1", 2)), Some(("n1", 3))]);
    let other = exchange(&digest, vec![stale("n2"), OK]);
    assert_eq!(other.nonces(), [Some(("n1", 4)), Some(("n2", 1))]);
    let first = exchange(&digest, vec![stale("n1"), OK]);
    assert_eq!(first.nonces(), [Some(("n2", 2)), Some(("n1", 5))]);
}

#[test]
fn a_wrong_password_is_sent_once_in_each_request() {
    let digest = digest();
    let rejected = Some(NotReplayed::Rejected(Rejection::FixedKey));
    for (fresh, renewed) in [("n1", "n2"), ("n3", "n4"), ("n5", "n5")] {
        let exchange = exchange(&digest, vec![refusal(fresh), refusal(renewed)]);
        assert_eq!(exchange.nonces(), [None, Some((fresh, 1))]);
        assert_eq!((exchange.status(), exchange.outcome()), (401, rejected));
    }
}

#[test]
fn a_refusal_with_the_same_nonce_is_final() {
    let digest = accepted_with_n1();
    let refused = exchange(&digest, vec![refusal("n1")]);
    assert_eq!(refused.status(), 401);
    assert_eq!(
        refused.outcome(),
        Some(NotReplayed::Rejected(Rejection::FixedKey))
    );
    // Only that path may be refused.
    assert_eq!(exchange(&digest, vec![OK]).nonces(), [Some(("n1", 3))]);
}

#[test]
fn a_server_that_calls_each_nonce_stale_is_asked_twice_and_not_again() {
    let digest = digest();
    let refused = exchange(&digest, vec![refusal("n1"), stale("n2")]);
    assert_eq!(refused.nonces(), [None, Some(("n1", 1))]);
    assert_eq!(refused.outcome(), Some(NotReplayed::RefusedAgain));
    // The password may be right, so the nonce is kept.
    let later = exchange(&digest, vec![OK]);
    assert_eq!(later.nonces(), [Some(("n2", 1))]);
}

#[test]
fn the_next_nonce_of_an_accepted_request_is_used_next() {
    let digest = digest();
    let next = |nonce| Reply::Success(Some(nonce));
    exchange(&digest, vec![refusal("n1"), next("n2")]);
    let second = exchange(&digest, vec![next("n2")]);
    assert_eq!(second.nonces(), [Some(("n2", 1))]);
    let third = exchange(&digest, vec![next("n1")]);
    assert_eq!(third.nonces(), [Some(("n2", 2))]);
    assert_eq!(exchange(&digest, vec![OK]).nonces(), [Some(("n1", 2))]);
}

#[test]
fn a_challenge_that_cannot_be_answered_is_an_error_until_the_server_changes() {
    const MESSAGE: &str =
        "the server offers Digest with an unknown algorithm only: configure SHA-256 on the server";
    let digest = digest();
    for _ in 0..2 {
        let challenge = r#"Digest realm="r", nonce="n", qop="auth", algorithm=SHA-3"#;
        let failed = exchange(&digest, vec![Reply::Refusal(vec![challenge.into()])]);
        assert_eq!(failed.nonces(), [None]);
        let error = failed.result.unwrap_err().to_string();
        assert!(error.contains(MESSAGE), "{error}");
    }
    let works = exchange(&digest, vec![refusal("n1"), OK]);
    assert_eq!(works.nonces(), [None, Some(("n1", 1))]);
}

#[test]
fn a_key_beside_it_changes_nothing() {
    let digest = digest();
    for expected in [vec![None, Some(("n1", 1))], vec![Some(("n1", 2))]] {
        let key = ApiKey::header("x-api-key", "k").unwrap();
        let mut replies = vec![refusal("n1"), OK];
        let replies = replies.split_off(2 - expected.len());
        let exchange = exchange_with(AllOf::new(digest.clone(), key), replies);
        assert_eq!((exchange.nonces(), exchange.status()), (expected, 200));
    }
}

#[test]
fn basic_is_never_sent() {
    let basic = || Reply::Refusal(vec![r#"Basic realm="r""#.into()]);
    let unsigned = exchange(&digest(), vec![basic()]);
    assert_eq!(unsigned.nonces(), [None]);
    assert_eq!((unsigned.status(), unsigned.outcome()), (401, None));
    let signed = exchange(&accepted_with_n1(), vec![basic()]);
    assert_eq!(signed.nonces(), [Some(("n1", 2))]);
    let rejected = Some(NotReplayed::Rejected(Rejection::FixedKey));
    assert_eq!((signed.status(), signed.outcome()), (401, rejected));
}
