//! A person who logged in: the file's refresh token grant (RFC 6749, 6) over its store.

use multi_auth_config::Config;
use multi_auth_reqwest::{ReqwestTransport, guarded_client};
use multi_auth_store::StoredTokens;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::TempDir;

use super::parse;

const KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";

fn config(server: &ScriptedServer, directory: &TempDir, lines: &str) -> Config {
    let tokens = directory.path().join("tokens");
    parse(&format!(
        "[store]\ndirectory = '{tokens}'\nkey = {{ dangerous_inline = '{KEY}' }}\n\
         [vendors.v]\nurl = '{url}/v1'\nscheme = 'refresh_token'\ntoken_url = '{url}/token'\n\
         client_id = 'my-app'\n{lines}",
        tokens = tokens.display(),
        url = server.url()
    ))
    .unwrap()
}

async fn log_in(config: &Config, token: &str) {
    let transport = ReqwestTransport::new().unwrap();
    let login = config.vendors()[0].login(transport).await.unwrap().unwrap();
    let tokens = StoredTokens::default().with_refresh_token(token);
    login.account().replace(&tokens).await.unwrap();
}

/// The requests of two keyrings that share a store, as two processes do.
async fn sent(lines: &str) -> (Vec<RecordedRequest>, String) {
    let (server, directory) = (
        ScriptedServer::start().await.unwrap(),
        TempDir::new().unwrap(),
    );
    let config = config(&server, &directory, lines);
    log_in(&config, "r-1").await;
    let token = json!({ "access_token": "t-1", "refresh_token": "r-2", "expires_in": 3600 });
    server.push(ScriptedResponse::default().with_json(&token));
    for _ in 0..2 {
        let keyring = config
            .keyring(ReqwestTransport::new().unwrap())
            .await
            .unwrap();
        let client = guarded_client(keyring).build().unwrap();
        let url = format!("{}/v1/orders", server.url());
        client.get(url).send().await.unwrap();
    }
    let transport = ReqwestTransport::new().unwrap();
    let login = config.vendors()[0].login(transport).await.unwrap().unwrap();
    let stored = login.account().tokens().await.unwrap();
    let stored = stored.refresh_token().unwrap().expose_secret().to_owned();
    (server.requests(), stored)
}

#[tokio::test]
async fn two_keyrings_of_one_store_share_one_refresh() {
    let (requests, stored) = sent("scope = 'orders'\naudience = 'a'").await;
    let paths: Vec<_> = requests
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(paths, ["/token", "/v1/orders", "/v1/orders"]);
    // A refresh has the scope of the login.
    assert_eq!(
        requests[0].text(),
        "grant_type=refresh_token&audience=a&refresh_token=r-1&client_id=my-app"
    );
    for request in &requests[1..] {
        assert_eq!(request.header("authorization"), Some("Bearer t-1"));
    }
    assert_eq!(stored, "r-2");
}

#[tokio::test]
async fn a_client_with_a_secret_authenticates_with_it() {
    let (requests, _) = sent("key = { dangerous_inline = 's-1' }").await;
    // my-app:s-1
    let expected = Some("Basic bXktYXBwOnMtMQ==");
    assert_eq!(requests[0].header("authorization"), expected);
    assert_eq!(
        requests[0].text(),
        "grant_type=refresh_token&refresh_token=r-1"
    );
}

#[tokio::test]
async fn without_a_login_no_request_is_sent() {
    let (server, directory) = (
        ScriptedServer::start().await.unwrap(),
        TempDir::new().unwrap(),
    );
    let config = config(&server, &directory, "");
    let keyring = config
        .keyring(ReqwestTransport::new().unwrap())
        .await
        .unwrap();
    let client = guarded_client(keyring).build().unwrap();
    let error = client
        .get(format!("{}/v1", server.url()))
        .send()
        .await
        .unwrap_err();
    let error = multi_auth::AuthError::find(&error).unwrap().to_string();
    assert!(error.contains("has no refresh token: log in"), "{error}");
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn missing_and_unused_fields_are_reported_by_name() {
    const STORE: &str = "[store]\ndirectory = 't'\nkey = { env = 'K' }\n";
    const VENDOR: &str = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'refresh_token'\n";
    const CLIENT: &str = "token_url = 'https://l.example/token'\nclient_id = 'c'\n";
    for (text, expected) in [
        (format!("{VENDOR}{CLIENT}"), "vendors.v.scheme: is missing: add a table [store]"),
        (format!("{STORE}{VENDOR}client_id = 'c'"), "vendors.v.token_url: is missing"),
        (format!("{STORE}{VENDOR}token_url = 'https://l.example/token'"), "vendors.v.client_id: is missing"),
        (
            format!("{STORE}{VENDOR}{CLIENT}issuer = 'https://l.example'"),
            "vendors.v.issuer: cannot be combined with the URL of an endpoint",
        ),
        (
            format!("{STORE}{VENDOR}{CLIENT}authorization_url = 'http://l.example/'"),
            "vendors.v.authorization_url: ",
        ),
        (
            format!("{STORE}{VENDOR}{CLIENT}client_auth = 'none'\nkey = {{ env = 'K' }}"),
            "vendors.v.key: is not used, because the client authenticates with `none`",
        ),
        (
            format!("{STORE}{VENDOR}{CLIENT}client_auth = 'client_secret_post'"),
            "vendors.v.key: is missing",
        ),
        (
            format!("{STORE}{VENDOR}{CLIENT}key_id = 'k'"),
            "vendors.v.key_id: needs client_auth = \"private_key_jwt\"",
        ),
        (
            format!("{STORE}{VENDOR}{CLIENT}client_auth = 'private_key_jwt'\nkey = {{ env = 'K' }}\nalgorithm = 'HS256'"),
            "vendors.v.algorithm: is not an algorithm of `private_key_jwt`",
        ),
        (
            "[store]\nkey = { env = 'K' }\n".to_owned(),
            "store.directory: is missing",
        ),
        ("[store]\ndirectory = 't'\n".to_owned(), "store.key: is missing"),
        (
            "[store]\ndirectory = 't'\nkey = 'canary'\n".to_owned(),
            "store.key: must not be a secret itself",
        ),
        (
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { env = 'K' }\nrevocation_url = 'https://l.example/'".to_owned(),
            "vendors.v.revocation_url: is not used by this scheme",
        ),
    ] {
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn an_invalid_sealing_key_is_reported_when_the_store_is_used() {
    let text = "[store]\ndirectory = 'unused'\nkey = { dangerous_inline = 'canary' }\n\
                [vendors.v]\nurl = 'https://v.example'\nscheme = 'refresh_token'\n\
                token_url = 'https://l.example/token'\nclient_id = 'c'";
    let config = parse(text).unwrap();
    let transport = ReqwestTransport::new().unwrap();
    let login = config.vendors()[0].login(transport).await.unwrap().unwrap();
    let error = login.account().tokens().await.unwrap_err().to_string();
    assert!(error.contains("openssl rand -base64 32"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}
