//! Responses that arrive late, while other requests have learned a nonce.

use http::StatusCode;
use multi_auth::{CredentialId, ResponseHead, Verdict};

use super::script::{Reply, demand, status};
use super::*;

fn judge(bearer: &DpopBearer, id: &CredentialId, reply: &Reply) -> Verdict {
    let response = reply.response(());
    let head = ResponseHead::new(response.status(), response.headers());
    bearer.judge(id, &head)
}

async fn sign(bearer: &DpopBearer) -> Credential {
    credential(bearer, &get("https://a.example/")).await
}

async fn newest(bearer: &DpopBearer) -> String {
    nonce(&attached(sign(bearer).await))
}

#[tokio::test]
async fn a_late_response_does_not_replace_a_newer_nonce() {
    let bearer = numbered(&dpop());
    let (first, second) = (sign(&bearer).await, sign(&bearer).await);
    for (id, reply, expected, then) in [
        (first.id(), status(200).nonce("n-1"), Verdict::Accept, "n-1"),
        (
            second.id(),
            status(200).nonce("n-0"),
            Verdict::Accept,
            "n-1",
        ),
        // The newer nonce may be accepted.
        (second.id(), demand("n-0"), Verdict::Resign, "n-1"),
        (second.id(), status(500), Verdict::Accept, "n-1"),
    ] {
        assert_eq!(judge(&bearer, id, &reply), expected, "{reply:?}");
        assert_eq!(newest(&bearer).await, then, "{reply:?}");
    }
    let third = sign(&bearer).await;
    assert_eq!(judge(&bearer, third.id(), &demand("n-0")), Verdict::Resign);
    assert_eq!(newest(&bearer).await, "n-0");
}

#[tokio::test]
async fn a_late_demand_is_answered_however_many_nonces_the_server_has_given_since() {
    let bearer = numbered(&dpop());
    let late = sign(&bearer).await;
    for number in 1..=100 {
        let current = sign(&bearer).await;
        let reply = status(200).nonce(&format!("n-{number}"));
        judge(&bearer, current.id(), &reply);
    }
    assert_eq!(judge(&bearer, late.id(), &demand("n-0")), Verdict::Resign);
    assert_eq!(newest(&bearer).await, "n-100");
}

#[tokio::test]
async fn a_late_refusal_does_not_refuse_a_newer_token() {
    let bearer = numbered(&dpop());
    let late = sign(&bearer).await;
    bearer.tokens().refresh().await.unwrap();
    let refusal = super::script::refusal("invalid_token");
    assert_eq!(judge(&bearer, late.id(), &refusal), Verdict::Refresh);
    let token = &attached(sign(&bearer).await)["authorization"];
    assert_eq!(token, "DPoP t-2");
}

#[tokio::test]
async fn the_response_to_another_credential_changes_nothing() {
    let bearer = numbered(&dpop());
    sign(&bearer).await;
    let foreign = CredentialId::refreshable(multi_auth::Generation::next());
    for reply in [demand("n-1"), status(StatusCode::OK.as_u16()).nonce("n-1")] {
        assert_eq!(judge(&bearer, &foreign, &reply), Verdict::Accept);
    }
    assert_eq!(newest(&bearer).await, "none");
}
