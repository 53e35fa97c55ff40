//! Token exchange (RFC 8693) at a server that has it.

use std::collections::BTreeSet;

use http::StatusCode;
use multi_auth::oauth::{Client, Grant};
use multi_auth::{AuthError, Bearer, Keyring, Token, TokenEndpoint, TokenSource, source_fn};
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use secrecy::ExposeSecret;
use serde_json::Value;

use super::Server;
use crate::program::Home;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ORDERS: &str = "https://orders.example";

/// A new token of the client `web`, where the user has logged in.
async fn subject(server: &Server) -> String {
    subject_at(&server.issuer).await
}

async fn subject_at(issuer: &str) -> String {
    let answer = reqwest::get(format!("{issuer}/subject")).await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

fn client() -> Client {
    Client::secret_basic("client", "secret").unwrap()
}

/// An exchange of the token `subject`.
fn exchange(subject: String) -> Grant {
    let subject = source_fn(move || {
        let subject = Token::new(subject.clone());
        async { Ok(subject) }
    });
    Grant::token_exchange(subject, ACCESS_TOKEN)
}

fn endpoint(server: &Server, grant: Grant, client: Client) -> TokenEndpoint {
    let url = format!("{}/token", server.issuer);
    let builder = TokenEndpoint::builder(&url, ReqwestTransport::new().unwrap());
    builder.unwrap().grant(grant, client).build()
}

async fn error_of(server: &Server, grant: Grant, client: Client) -> AuthError {
    endpoint(server, grant, client).token().await.unwrap_err()
}

/// What the API says about `token`.
async fn api(server: &Server, token: &str) -> (StatusCode, Value) {
    let request = reqwest::Client::new().get(format!("{}/api", server.issuer));
    let answer = request.bearer_auth(token).send().await.unwrap();
    let status = answer.status();
    (
        status,
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap(),
    )
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_token_of_another_client_is_exchanged() {
    let server = Server::idpyoidc().await;
    let subject = subject(&server).await;
    // The API takes exchanged tokens only.
    assert_eq!(api(&server, &subject).await.0, StatusCode::UNAUTHORIZED);

    let grant = exchange(subject)
        .with_parameter("audience", ORDERS)
        .with_scopes(["orders.read"])
        .with_parameter("requested_token_type", ACCESS_TOKEN);
    let token = endpoint(&server, grant, client()).token().await.unwrap();

    let kind = token.part("issued_token_type").unwrap();
    assert_eq!(kind.expose_secret(), ACCESS_TOKEN);
    assert!(token.lifetime().is_some());
    let (status, seen) = api(&server, token.value().expose_secret()).await;
    assert_eq!(
        (status, seen["sub"].as_str()),
        (StatusCode::OK, Some("ada"))
    );
    assert_eq!(seen["client_id"], "client");
    assert_eq!(seen["aud"], serde_json::json!([ORDERS]));
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn several_audiences_are_sent_as_repeated_parameters() {
    let server = Server::idpyoidc().await;
    let stock = "https://stock.example";
    let grant = exchange(subject(&server).await)
        .with_parameter("audience", ORDERS)
        .with_parameter("audience", stock)
        .with_resource(stock);
    let token = endpoint(&server, grant, client()).token().await.unwrap();
    let (_, seen) = api(&server, token.value().expose_secret()).await;
    let audience: BTreeSet<_> = seen["aud"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert_eq!(audience, BTreeSet::from([ORDERS, stock]));
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn each_refusal_of_an_exchange_is_named_with_a_remedy() {
    let server = Server::idpyoidc().await;
    let valid = subject(&server).await;
    let good = || exchange(valid.clone());
    let other = "https://evil.example";
    let wrong = Client::secret_basic("client", "canary").unwrap();
    for (grant, client, code) in [
        (exchange("canary".to_owned()), client(), "invalid_request"),
        (
            good().with_parameter("audience", other),
            client(),
            "invalid_target",
        ),
        (good().with_resource(other), client(), "invalid_target"),
        (good().with_scopes(["admin"]), client(), "invalid_scope"),
        (
            good().with_parameter("requested_token_type", "canary"),
            client(),
            "invalid_request",
        ),
        (good(), wrong, "invalid_client"),
        (
            good(),
            Client::secret_basic("web", "secret").unwrap(),
            "invalid_request",
        ),
    ] {
        let error = error_of(&server, grant, client).await;
        let shown = error.to_string();
        assert!(
            shown.contains(code) && !shown.contains("canary"),
            "{code}: {shown}"
        );
        assert!(!error.remedy().is_empty());
    }
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_revoked_token_is_exchanged_again_with_a_new_subject_token() {
    let server = Server::idpyoidc().await;
    let issuer = server.issuer.clone();
    let subjects = source_fn(move || {
        let issuer = issuer.clone();
        async move { Ok(Token::new(subject_at(&issuer).await)) }
    });
    let grant = Grant::token_exchange(subjects, ACCESS_TOKEN);
    let bearer = Bearer::new(endpoint(&server, grant, client()));
    let keyring = Keyring::builder().bind(server.issuer.as_str(), bearer.clone());
    let client = guarded_client(keyring.unwrap().build()).build().unwrap();
    let api = format!("{}/api", server.issuer);
    for _ in 0..3 {
        let before = bearer.token().await.unwrap();
        let answer = client.get(&api).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let expired = reqwest::Client::new().post(format!("{}/expire", server.issuer));
        assert_eq!(expired.send().await.unwrap().status(), StatusCode::OK);

        let answer = client.get(&api).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let after = bearer.token().await.unwrap();
        assert_ne!(
            before.value().expose_secret(),
            after.value().expose_secret()
        );
    }
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn an_exchange_of_the_configuration_is_checked() {
    let server = Server::idpyoidc().await;
    let issuer = &server.issuer;
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{issuer}'\nscheme = 'token_endpoint'\nverify = '/api'\nkey = {{ file = 'subject' }}\n\
         secrets = {{ client_secret = {{ file = 'secret' }} }}\n\
         [vendors.v.token_endpoint]\nurl = '{issuer}/token'\nformat = 'form'\nkey_field = 'subject_token'\n\
         [vendors.v.token_endpoint.fields]\ngrant_type = 'urn:ietf:params:oauth:grant-type:token-exchange'\n\
         subject_token_type = '{ACCESS_TOKEN}'\naudience = '{ORDERS}'\n\
         client_id = 'client'\nclient_secret = '{{client_secret}}'\n"
    ));
    home.secret("subject", &subject(&server).await);
    home.secret("secret", "secret");
    let run = home.run(&["check", "--json"]).await;
    assert_eq!(run.json()["vendors"][0]["status"], "accepted", "{run:?}");

    home.secret("subject", "canary");
    let run = home.run(&["check"]).await;
    assert!(run.shown().contains("invalid_request"), "{run:?}");
    run.shows_no_key();
}
