//! Tokens that are bound to a key, at a server that demands nonces and checks each proof.

use std::future::ready;

use http::request::Parts;
use http::{Request, StatusCode};
use multi_auth::{Authenticator, Bearer, Keyring, RequestHead, SecretString, Token, source_fn};
use multi_auth_reqwest::guarded_client;
use multi_auth_sign::{Algorithm, Dpop, DpopBearer, SigningKey};
use multi_auth_store::{FileStore, SealingKey, StoreKey, StoredAccount};

use super::Server;
use super::grants::key_pair;
use crate::program::Home;

const SEALING_KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";

/// A configuration whose tokens are bound to the private key `pem`.
fn home(provider: &Server, pem: &str) -> Home {
    let issuer = &provider.issuer;
    let home = Home::new(&format!(
        "[store]\ndirectory = 'tokens'\nkey = {{ file = 'store-key' }}\n\
         [vendors.example]\nurl = '{issuer}'\nscheme = 'refresh_token'\nissuer = '{issuer}'\n\
         client_id = 'terminal'\nscope = 'openid offline_access'\nverify = '/me'\n\
         parameters = {{ prompt = 'consent' }}\ndpop = {{ key = {{ file = 'dpop-key' }} }}\n",
    ));
    home.secret("store-key", SEALING_KEY);
    home.secret("dpop-key", pem);
    home
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_login_binds_its_tokens_to_the_key_and_each_request_proves_it() {
    let provider = Server::oidc_provider().await;
    let (pem, _) = key_pair();
    let home = home(&provider, &pem);
    let run = super::login::log_in(&home).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    for _ in 0..2 {
        let run = home.run(&["check", "--json"]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(run.json()["vendors"][0]["status"], "accepted");
    }
    let me = format!("{}/me", provider.issuer);
    let run = home.run(&["request", &me]).await;
    assert!(run.output.contains("\"sub\""), "{run:?}");

    // Another key has no tokens.
    home.secret("dpop-key", key_pair().0);
    let run = home.run(&["check"]).await;
    assert_ne!(run.code, Some(0));
    assert!(run.shown().contains("multi-auth login"), "{run:?}");

    // The first one still has them, until the logout.
    home.secret("dpop-key", &pem);
    assert_eq!(home.run(&["check"]).await.code, Some(0));
    let run = home.run(&["logout", "example"]).await;
    assert!(run.output.contains("revoked and removed"), "{run:?}");
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn client_credentials_are_bound_to_the_key() {
    let provider = Server::oidc_provider().await;
    let issuer = &provider.issuer;
    let home = Home::new(&format!(
        "[vendors.example]\nurl = '{issuer}'\nscheme = 'client_credentials'\nissuer = '{issuer}'\n\
         client_id = 'basic'\nverify = '/.well-known/openid-configuration'\n\
         key = {{ file = 'key' }}\ndpop = {{ key = {{ file = 'dpop-key' }} }}\n",
    ));
    home.secret("key", super::SECRET);
    home.secret("dpop-key", key_pair().0);
    let run = home.run(&["check", "--json"]).await;
    assert_eq!(
        run.json()["vendors"][0]["token"]["state"],
        "fresh",
        "{run:?}"
    );
}

/// An access token of a login with the key `dpop`.
async fn access_token(provider: &Server, pem: &str, dpop: &Dpop) -> SecretString {
    let home = home(provider, pem);
    super::login::log_in(&home).await;
    let run = home.run(&["check"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let key = SealingKey::from_base64(SEALING_KEY).unwrap();
    let file = FileStore::open(home.path("tokens"), key).unwrap();
    let account = format!("default bound to {}", dpop.thumbprint());
    let entry = StoreKey::new("example", &account).unwrap();
    let stored = StoredAccount::new(file, entry).tokens().await.unwrap();
    stored.access_token().unwrap().value().clone()
}

/// Sends `token` with proofs of `dpop`.
fn bearer(dpop: &Dpop, token: SecretString) -> DpopBearer {
    let source = source_fn(move || ready(Ok(Token::new(token.clone()))));
    dpop.bearer_from(Bearer::builder(source))
}

/// The status of `GET url` through a keyring with `bearer`.
async fn get(bearer: &DpopBearer, url: &str) -> StatusCode {
    let keyring = Keyring::builder().bind(url, bearer.clone()).unwrap();
    let client = guarded_client(keyring.build()).build().unwrap();
    client.get(url).send().await.unwrap().status()
}

/// A request with the credential of `bearer`, which is not sent.
async fn signed(bearer: &DpopBearer, method: &str, url: &str) -> Parts {
    let request = Request::builder().method(method).uri(url).body(());
    let (mut parts, ()) = request.unwrap().into_parts();
    let credential = bearer.authenticate(&RequestHead::from_parts(&parts)).await;
    credential.unwrap().attach(&mut parts).unwrap();
    parts
}

/// The status of `GET url` with the token in `token` and the proof in `proof`.
async fn sent(url: &str, token: &Parts, proof: &Parts) -> StatusCode {
    let request = reqwest::Client::new().get(url);
    let request = request.header("authorization", &token.headers["authorization"]);
    let request = request.header("dpop", &proof.headers["dpop"]);
    request.send().await.unwrap().status()
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_proof_for_another_token_url_method_or_with_another_key_is_refused() {
    const REFUSED: StatusCode = StatusCode::UNAUTHORIZED;
    let provider = Server::oidc_provider().await;
    let me = format!("{}/me", provider.issuer);
    let key = |pem: &str| SigningKey::from_pem(Algorithm::ES256, pem).unwrap();
    let (pem, _) = key_pair();
    let dpop = Dpop::new(key(&pem)).unwrap();
    let token = access_token(&provider, &pem, &dpop).await;
    let own = bearer(&dpop, token.clone());
    // This one learns the nonce.
    assert_eq!(get(&own, &me).await, StatusCode::OK);

    let first = signed(&own, "GET", &me).await;
    assert_eq!(sent(&me, &first, &first).await, StatusCode::OK);
    assert_eq!(sent(&me, &first, &first).await, REFUSED, "a second time");

    let other_token = bearer(&dpop, "another".into());
    let other_url = format!("{}/token", provider.issuer);
    for (proof, problem) in [
        (signed(&other_token, "GET", &me).await, "another token"),
        (signed(&own, "GET", &other_url).await, "another URL"),
        (signed(&own, "POST", &me).await, "another method"),
    ] {
        assert_eq!(sent(&me, &first, &proof).await, REFUSED, "{problem}");
    }
    let thief = Dpop::new(key(&key_pair().0)).unwrap();
    assert_eq!(get(&bearer(&thief, token), &me).await, REFUSED);
    assert_eq!(get(&own, &me).await, StatusCode::OK);
}
