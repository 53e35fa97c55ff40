//! Grants and client authentication methods, through the configuration and the library.

use std::sync::Arc;

use multi_auth::oauth::{Client, Discovery, Grant};
use multi_auth::{AuthError, SecretString, Token, TokenSource};
use multi_auth_reqwest::ReqwestTransport;
use multi_auth_store::{FileStore, MemoryStore, SealingKey, StoreKey, StoredAccount, StoredTokens};
use secrecy::ExposeSecret;

use super::{SECRET, Server};
use crate::program::Home;

fn transport() -> ReqwestTransport {
    ReqwestTransport::new().unwrap()
}

/// A token of `grant` for `client`.
async fn token(provider: &Server, grant: Grant, client: Client) -> Result<Token, AuthError> {
    let discovery = Discovery::new(&provider.issuer, transport())?;
    let source = discovery
        .token_source(move |endpoint| endpoint.grant(grant.clone(), client.clone()).build());
    source.token().await
}

/// What `multi-auth check` says of a client of the configuration.
async fn check(provider: &Server, client: &str, key: &str) -> crate::program::Run {
    let issuer = &provider.issuer;
    let home = Home::new(&format!(
        "[vendors.example]\nurl = '{issuer}'\nscheme = 'client_credentials'\nissuer = '{issuer}'\n\
         verify = '/.well-known/openid-configuration'\nkey = {{ file = 'key' }}\n{client}\n",
    ));
    home.secret("key", key);
    home.run(&["check", "--json"]).await
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn each_client_authentication_method_is_accepted() {
    let (private, public) = key_pair();
    let provider = Server::oidc_provider_with_key(&public).await;
    for (client, key) in [
        ("client_id = 'basic'", SECRET),
        (
            "client_id = 'post'\nclient_auth = 'client_secret_post'",
            SECRET,
        ),
        (
            "client_id = 'secret-jwt'\nclient_auth = 'client_secret_jwt'",
            &SECRET.repeat(4),
        ),
        (
            "client_id = 'private-key-jwt'\nclient_auth = 'private_key_jwt'\nalgorithm = 'ES256'\nkey_id = 'k-1'",
            &private,
        ),
    ] {
        let run = check(&provider, client, key).await;
        let vendor = &run.json()["vendors"][0];
        assert_eq!(vendor["token"]["state"], "fresh", "{client}: {run:?}");
    }
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_secret_that_is_not_form_encoded_is_refused() {
    let provider = Server::oidc_provider().await;
    let grant = Grant::client_credentials;
    let encoded = Client::secret_basic("basic", SECRET).unwrap();
    token(&provider, grant(), encoded).await.unwrap();
    let unencoded = Client::secret_basic_unencoded("basic", SECRET).unwrap();
    token(&provider, grant(), unencoded).await.unwrap_err();
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_token_for_a_resource_is_a_jwt() {
    let provider = Server::oidc_provider().await;
    let client = || Client::secret_basic("basic", SECRET).unwrap();
    let grant = || Grant::client_credentials().with_scopes(["orders.read"]);
    let granted = grant().with_resource("https://orders.example");
    let granted = token(&provider, granted, client()).await.unwrap();
    assert_eq!(granted.value().expose_secret().matches('.').count(), 2);
    let unknown = grant().with_resource("https://other.example");
    token(&provider, unknown, client()).await.unwrap_err();
}

/// Each refresh replaces the refresh token, and the server revokes all of them if one is presented
/// again.
#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_hundred_rotations_lose_no_refresh_token() {
    let provider = Server::oidc_provider().await;
    let account = logged_in(&provider).await.without_access_tokens();
    let first = refresh_token(&account).await;
    let discovery = Discovery::new(&provider.issuer, transport()).unwrap();
    let client = Client::public("terminal").unwrap();
    let sources: Vec<_> = (0..4)
        .map(|_| {
            let (discovery, client) = (discovery.clone(), client.clone());
            Arc::new(account.refreshing(move |tokens| {
                let grant = Grant::refresh_token(tokens);
                discovery.token_source(move |endpoint| {
                    endpoint.grant(grant.clone(), client.clone()).build()
                })
            }))
        })
        .collect();
    let tasks = sources.into_iter().map(|source| {
        tokio::spawn(async move {
            for _ in 0..25 {
                source.token().await.unwrap();
            }
        })
    });
    let tasks: Vec<_> = tasks.collect();
    for task in tasks {
        task.await.unwrap();
    }
    let last = refresh_token(&account).await;
    assert_ne!(first.expose_secret(), last.expose_secret());

    // The server really detects reuse: after it, the newest token is revoked too.
    let reused = super::refusals::refresh(&provider, first).await;
    assert!(reused.contains("log in again"), "{reused}");
    let newest = super::refusals::refresh(&provider, last).await;
    assert!(newest.contains("log in again"), "{newest}");
}

pub(super) async fn refresh_token(account: &StoredAccount) -> SecretString {
    let tokens = account.tokens().await.unwrap();
    tokens.refresh_token().unwrap().clone()
}

/// An account with the refresh token of a login.
async fn logged_in(provider: &Server) -> StoredAccount {
    let home = super::login::home(provider);
    let run = super::login::log_in(&home).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let account = StoredAccount::new(MemoryStore::default(), entry());
    let token = refresh_token(&stored(&home)).await;
    let tokens = StoredTokens::default().with_refresh_token(token);
    account.replace(&tokens).await.unwrap();
    account
}

/// What `multi-auth login` has stored.
pub(super) fn stored(home: &Home) -> StoredAccount {
    let key = SealingKey::from_base64("l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=");
    let file = FileStore::open(home.path("tokens"), key.unwrap()).unwrap();
    StoredAccount::new(file, entry())
}

fn entry() -> StoreKey {
    StoreKey::new("example", "default").unwrap()
}

/// A P-256 key pair as PEM.
pub(super) fn key_pair() -> (String, String) {
    let pair = rcgen::KeyPair::generate().unwrap();
    (pair.serialize_pem(), pair.public_key_pem())
}
