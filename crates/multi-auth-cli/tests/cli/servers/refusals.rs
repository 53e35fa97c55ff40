//! What a server refuses, and what the program says about it.

use multi_auth::oauth::{Client, Grant, InMemory};
use multi_auth::{AuthError, SecretString, TokenEndpoint, TokenSource};
use multi_auth_reqwest::ReqwestTransport;

use super::Server;
use crate::program::{Home, Run};

/// The error of a refresh with `token`.
pub(super) async fn refresh(provider: &Server, token: SecretString) -> String {
    let grant = Grant::refresh_token(InMemory::new(token));
    let client = Client::public("terminal").unwrap();
    error_of(provider, grant, client).await.to_string()
}

async fn error_of(provider: &Server, grant: Grant, client: Client) -> AuthError {
    let transport = ReqwestTransport::new().unwrap();
    let url = format!("{}/token", provider.issuer);
    let endpoint = TokenEndpoint::builder(&url, transport).unwrap();
    let endpoint = endpoint.grant(grant, client).build();
    endpoint.token().await.unwrap_err()
}

/// What `check` says of a client of the configuration.
async fn check(provider: &Server, client: &str, key: &str) -> Run {
    let issuer = &provider.issuer;
    let home = Home::new(&format!(
        "[vendors.example]\nurl = '{issuer}'\nscheme = 'client_credentials'\n\
         token_url = '{issuer}/token'\nverify = '/'\nkey = {{ file = 'key' }}\n{client}\n",
    ));
    home.secret("key", key);
    home.run(&["check"]).await
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_refused_client_is_reported_with_a_remedy() {
    let provider = Server::oidc_provider().await;
    let secret = super::SECRET;
    for (client, key, code) in [
        ("client_id = 'basic'", "wrong-canary", "refused-key"),
        ("client_id = 'unknown'", "wrong-canary", "refused-key"),
        (
            "client_id = 'basic'\nresource = ['https://other.example']",
            secret,
            "invalid_target",
        ),
        (
            "client_id = 'basic'\nresource = ['not a URI']",
            secret,
            "invalid_target",
        ),
        (
            "client_id = 'basic'\nscope = 'offline_access'",
            secret,
            "invalid_scope",
        ),
    ] {
        let run = check(&provider, client, key).await;
        assert_ne!(run.code, Some(0), "{client}: {run:?}");
        let shown = run.shown();
        assert!(
            shown.contains(code) && shown.contains("help:"),
            "{client}: {run:?}"
        );
        run.shows_no_key();
    }
}

/// The error codes of RFC 6749, 5.2. The server has no `unauthorized_client`: it says
/// `invalid_request` in its place.
#[tokio::test]
#[ignore = "needs an authorization server"]
async fn each_error_code_of_a_token_endpoint_is_named_with_a_remedy() {
    let provider = Server::oidc_provider().await;
    let code = |code: &str| {
        let uri = "http://127.0.0.1:1/callback";
        Grant::authorization_code(code, uri, "a".repeat(43))
    };
    let basic = || Client::secret_basic("basic", super::SECRET).unwrap();
    let terminal = || Client::public("terminal").unwrap();
    let orders = Grant::client_credentials().with_resource("https://orders.example");
    for (grant, client, code) in [
        (
            Grant::custom("refresh_token"),
            terminal(),
            "invalid_request",
        ),
        (code("c-canary"), terminal(), "invalid_grant"),
        (Grant::custom("unknown"), basic(), "unsupported_grant_type"),
        (
            orders.with_scopes(["offline_access"]),
            basic(),
            "invalid_scope",
        ),
    ] {
        let error = error_of(&provider, grant, client).await;
        let text = error.to_string();
        assert!(
            text.contains(code) && !text.contains("canary"),
            "{code}: {text}"
        );
        assert!(!error.remedy().is_empty(), "{code}");
    }
    let unknown = Client::secret_basic("unknown", "canary").unwrap();
    let error = error_of(&provider, Grant::client_credentials(), unknown).await;
    assert!(error.to_string().contains("invalid_client"), "{error}");
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn an_unknown_refresh_token_asks_for_a_login() {
    let provider = Server::oidc_provider().await;
    let error = refresh(&provider, "r-canary".into()).await;
    assert!(
        error.contains("log in again") && !error.contains("canary"),
        "{error}"
    );
}
