//! The header fields of a token request.

use super::*;

/// The header fields of a token request.
async fn sent(describe: impl Fn(TokenEndpointBuilder) -> TokenEndpointBuilder) -> HeaderMap {
    let transport = Canned::json(r#"{"access_token": "t-1"}"#);
    obtain(describe(token_endpoint(&transport))).await.unwrap();
    let request = transport.sent.lock().unwrap().pop().unwrap();
    request.headers().clone()
}

/// Some servers answer 403 to a request without a `User-Agent`.
#[tokio::test]
async fn a_token_request_has_a_user_agent_that_can_be_replaced() {
    let version = env!("CARGO_PKG_VERSION");
    let headers = sent(|token_endpoint| token_endpoint.json([("key", "k")])).await;
    assert_eq!(headers["user-agent"], format!("multi-auth/{version}"));
    let headers = sent(|token_endpoint| {
        let token_endpoint = token_endpoint.header("user-agent", "acme/1").unwrap();
        token_endpoint
            .header("Accept", "application/vnd.acme+json")
            .unwrap()
    })
    .await;
    assert_eq!(headers.get_all("user-agent").iter().count(), 1);
    assert_eq!(headers["user-agent"], "acme/1");
    assert_eq!(headers["accept"], "application/vnd.acme+json");
}

#[tokio::test]
async fn a_constant_header_never_replaces_a_credential() {
    for name in ["x-north", "accept", "user-agent"] {
        let headers = sent(|token_endpoint| {
            let token_endpoint = token_endpoint.header(name, "constant").unwrap();
            token_endpoint.authorized_by(ApiKey::header(name, "k-1").unwrap())
        })
        .await;
        assert_eq!(headers[name], "k-1");
    }
}
