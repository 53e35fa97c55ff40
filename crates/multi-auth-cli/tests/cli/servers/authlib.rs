//! A second server, which differs: it does not decode what is form-encoded in Basic, and it knows
//! `unauthorized_client`.

use multi_auth::oauth::{Client, Grant, InMemory};
use multi_auth::{AuthError, Token, TokenEndpoint, TokenSource};
use multi_auth_reqwest::ReqwestTransport;

use super::{SECRET, Server};

async fn token(server: &Server, grant: Grant, client: Client) -> Result<Token, AuthError> {
    let url = format!("{}/token", server.issuer);
    let endpoint = TokenEndpoint::builder(&url, ReqwestTransport::new().unwrap())?;
    endpoint.grant(grant, client).build().token().await
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_secret_that_is_form_encoded_is_refused() {
    let server = Server::authlib().await;
    let grant = || Grant::client_credentials().with_scopes(["orders.read"]);
    let unencoded = Client::secret_basic_unencoded("basic", SECRET).unwrap();
    token(&server, grant(), unencoded).await.unwrap();
    let post = Client::secret_post("post", SECRET).unwrap();
    token(&server, grant(), post).await.unwrap();
    let encoded = Client::secret_basic("basic", SECRET).unwrap();
    let error = token(&server, grant(), encoded).await.unwrap_err();
    assert!(error.to_string().contains("invalid_client"), "{error}");
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn each_error_code_is_named_with_a_remedy() {
    let server = Server::authlib().await;
    let basic = || Client::secret_basic_unencoded("basic", SECRET).unwrap();
    let refresh = |token: &str| Grant::refresh_token(InMemory::new(token));
    for (grant, client, text) in [
        (
            refresh("r-canary"),
            Client::public("terminal").unwrap(),
            "log in again",
        ),
        (refresh("r-first"), basic(), "unauthorized_client"),
        (Grant::custom("unknown"), basic(), "unsupported_grant_type"),
        (
            Grant::client_credentials().with_scopes(["other"]),
            basic(),
            "invalid_scope",
        ),
        (
            Grant::custom("refresh_token"),
            Client::public("terminal").unwrap(),
            "invalid_request",
        ),
    ] {
        let error = token(&server, grant, client).await.unwrap_err();
        let shown = error.to_string();
        assert!(
            shown.contains(text) && !shown.contains("canary"),
            "{text}: {shown}"
        );
        assert!(!error.remedy().is_empty(), "{text}");
    }
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn each_refresh_presents_the_refresh_token_of_the_one_before() {
    let server = Server::authlib().await;
    let url = format!("{}/token", server.issuer);
    let endpoint = TokenEndpoint::builder(&url, ReqwestTransport::new().unwrap()).unwrap();
    let grant = Grant::refresh_token(InMemory::new("r-first"));
    let endpoint = endpoint
        .grant(grant, Client::public("terminal").unwrap())
        .build();
    for _ in 0..10 {
        endpoint.token().await.unwrap();
    }
    let first = Grant::refresh_token(InMemory::new("r-first"));
    let refused = token(&server, first, Client::public("terminal").unwrap()).await;
    assert!(refused.unwrap_err().to_string().contains("log in again"));
}
