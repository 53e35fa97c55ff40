//! Which nonce a request has, and what a refusal leads to.

use multi_auth::adapter::NotReplayed::{self, RefusedAgain, Rejected};
use multi_auth::{Authenticator, Rejection};

use super::script::{Reply, demand, exchange, refusal, status};
use super::*;

/// The replies to one request, what it sent, and its outcome.
type Row = (
    Vec<Reply>,
    &'static [&'static str],
    u16,
    Option<NotReplayed>,
);

/// Sends a request for each row with one authenticator, and then one that shows what was learned.
async fn follow(rows: Vec<Row>, then: &str) {
    let bearer = numbered(&dpop());
    for (replies, sent, status, outcome) in rows {
        let shown = format!("{replies:?}");
        let exchange = exchange(bearer.clone(), replies).await;
        let found = (exchange.sent(), exchange.status(), exchange.outcome());
        let sent: Vec<_> = sent.iter().map(ToString::to_string).collect();
        assert_eq!(found, (sent, status, outcome), "{shown}");
    }
    let last = exchange(bearer, [status(200)]).await;
    assert_eq!(last.sent(), [then]);
}

#[tokio::test]
async fn a_request_is_sent_again_with_the_nonce_that_the_server_demands() {
    let replies = vec![demand("n-1"), status(200)];
    let row: Row = (replies, &["t-1 none", "t-1 n-1"], 200, None);
    follow(vec![row], "t-1 n-1").await;
}

#[tokio::test]
async fn a_demand_is_found_beside_the_challenge_of_another_scheme() {
    let demand = status(401)
        .challenge(r#"Bearer realm="r", error="invalid_token", dpop error="use_dpop_nonce""#)
        .nonce("n-1");
    let replies = vec![demand, status(200)];
    let row: Row = (replies, &["t-1 none", "t-1 n-1"], 200, None);
    follow(vec![row], "t-1 n-1").await;
}

#[tokio::test]
async fn only_a_401_with_a_challenge_of_the_scheme_demands_a_nonce() {
    let text = r#"DPoP error="use_dpop_nonce""#;
    let row: Row = (vec![status(403).challenge(text)], &["t-1 none"], 403, None);
    follow(vec![row], "t-1 none").await;

    let foreign = status(401).challenge(&text.replace("DPoP", "Bearer"));
    let replies = vec![foreign.nonce("n-1"), status(200)];
    let row: Row = (replies, &["t-1 none", "t-2 n-1"], 200, None);
    follow(vec![row], "t-2 n-1").await;
}

#[tokio::test]
async fn a_nonce_is_learned_from_a_response_with_any_status() {
    for code in [200, 204, 304, 307, 400, 403, 404, 429, 500, 503] {
        let replies = vec![status(code).nonce("n-1")];
        let row: Row = (replies, &["t-1 none"], code, None);
        follow(vec![row], "t-1 n-1").await;
    }
}

#[tokio::test]
async fn the_nonce_in_the_response_to_a_replay_is_learned() {
    for code in [200, 404, 500] {
        let replies = vec![demand("n-1"), status(code).nonce("n-2")];
        let row: Row = (replies, &["t-1 none", "t-1 n-1"], code, None);
        follow(vec![row], "t-1 n-2").await;
    }
}

#[tokio::test]
async fn a_second_demand_is_delivered_and_its_nonce_is_kept() {
    let replies = vec![demand("n-1"), demand("n-2")];
    let row: Row = (replies, &["t-1 none", "t-1 n-1"], 401, Some(RefusedAgain));
    follow(vec![row], "t-1 n-2").await;
}

#[tokio::test]
async fn the_same_nonce_refused_twice_ends_the_request() {
    let why = Some(Rejected(Rejection::Proof));
    let rows: Vec<Row> = vec![
        (
            vec![demand("n-1"), demand("n-1")],
            &["t-1 none", "t-1 n-1"],
            401,
            why,
        ),
        (vec![demand("n-1")], &["t-1 n-1"], 401, why),
        (
            vec![demand("n-2"), status(200)],
            &["t-1 n-1", "t-1 n-2"],
            200,
            None,
        ),
    ];
    follow(rows, "t-1 n-2").await;
}

#[tokio::test]
async fn a_demand_without_a_valid_nonce_ends_the_request() {
    let long = "n".repeat(2049);
    let demands = [
        refusal("use_dpop_nonce"),
        demand(""),
        demand("a b"),
        demand("a\"b"),
        demand("a\\b"),
        demand(&long),
        demand("n-1").nonce("n-2"),
    ];
    for demand in demands {
        let why = Some(Rejected(Rejection::Proof));
        follow(vec![(vec![demand], &["t-1 none"], 401, why)], "t-1 none").await;
    }
}

#[tokio::test]
async fn a_refused_proof_does_not_refresh_the_token() {
    let why = Some(Rejected(Rejection::Proof));
    let refused = refusal("invalid_dpop_proof");
    let row: Row = (vec![refused.clone()], &["t-1 none"], 401, why);
    follow(vec![row], "t-1 none").await;

    // Another nonce may be all that it takes.
    let replies = vec![refused.nonce("n-1"), status(200)];
    let row: Row = (replies, &["t-1 none", "t-1 n-1"], 200, None);
    follow(vec![row], "t-1 n-1").await;
}

#[tokio::test]
async fn a_refused_token_is_refreshed_once() {
    let invalid = || refusal("invalid_token");
    let rows: Vec<Row> = vec![(
        vec![invalid(), status(200)],
        &["t-1 none", "t-2 none"],
        200,
        None,
    )];
    follow(rows, "t-2 none").await;
    let again = Some(RefusedAgain);
    let rows: Vec<Row> = vec![(
        vec![invalid(), invalid()],
        &["t-1 none", "t-2 none"],
        401,
        again,
    )];
    follow(rows, "t-2 none").await;
}

#[tokio::test]
async fn a_request_can_need_a_nonce_and_a_fresh_token() {
    let invalid = || refusal("invalid_token");
    let rows: [(Vec<Reply>, &[&str]); 4] = [
        (
            vec![demand("n-1"), invalid(), status(200)],
            &["t-1 none", "t-1 n-1", "t-2 n-1"],
        ),
        (
            vec![demand("n-1"), invalid().nonce("n-2"), status(200)],
            &["t-1 none", "t-1 n-1", "t-2 n-2"],
        ),
        (
            vec![invalid(), demand("n-1"), status(200)],
            &["t-1 none", "t-2 none", "t-2 n-1"],
        ),
        (
            vec![invalid().nonce("n-1"), status(200)],
            &["t-1 none", "t-2 n-1"],
        ),
    ];
    for (replies, sent) in rows {
        let then = sent[sent.len() - 1];
        follow(vec![(replies, sent, 200, None)], then).await;
    }
}

#[tokio::test]
async fn a_token_that_lacks_a_permission_is_kept() {
    let why = Some(Rejected(Rejection::InsufficientScope));
    let row: Row = (vec![refusal("insufficient_scope")], &["t-1 none"], 401, why);
    follow(vec![row], "t-1 none").await;
}

#[tokio::test]
async fn each_origin_has_its_own_nonce() {
    let bearer = numbered(&dpop());
    let learned = exchange(bearer.clone(), [status(200).nonce("n-1")]).await;
    assert_eq!(learned.status(), 200);
    for (url, expected) in [
        ("https://a.example/other", "n-1"),
        ("https://A.example:443/", "n-1"),
        ("https://b.example/", "none"),
        ("https://a.example:8443/", "none"),
        ("http://a.example/", "none"),
    ] {
        let found = credential(&bearer, &get(url)).await;
        assert_eq!(nonce(&attached(found)), expected, "{url}");
    }
}

#[tokio::test]
async fn the_authenticators_of_one_key_share_the_nonce_of_a_server() {
    let dpop = dpop();
    exchange(numbered(&dpop), [status(200).nonce("n-1")]).await;
    let other = exchange(numbered(&dpop), [status(200)]).await;
    assert_eq!(other.sent(), ["t-1 n-1"]);
}

#[tokio::test]
async fn beside_another_credential_each_is_judged_by_its_own_challenge() {
    let key = multi_auth::ApiKey::header("x-key", "k-1").unwrap();
    let both = multi_auth::AllOf::new(key, numbered(&dpop()));
    assert_eq!(both.placements().len(), 3);
    let exchange = exchange(both, [demand("n-1"), refusal("invalid_token"), status(200)]).await;
    assert_eq!(exchange.sent(), ["t-1 none", "t-1 n-1", "t-2 n-1"]);
}
