//! Tokens that are bound to a key: the table `dpop`.

use http::StatusCode;
use multi_auth::AuthError;
use multi_auth_config::Config;
use multi_auth_store::StoredTokens;
use multi_auth_testing::ScriptedServer;
use tempfile::TempDir;

use super::parse;
use crate::adapter::{Adapter, Answer};
use crate::signing::dpop::server::Server;

/// The key of RFC 7515, A.3.1.
const ES256: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;

/// The key of RFC 8037, A.1.
const EDDSA: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

const SEALING_KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";

const CLIENT_CREDENTIALS: &str =
    "scheme = 'client_credentials'\nclient_id = 'a'\nkey = { dangerous_inline = 's3cret' }";

const REFRESH_TOKEN: &str = "scheme = 'refresh_token'\nclient_id = 'a'";

fn dpop(key: &str) -> String {
    let algorithm = if key == ES256 { "ES256" } else { "EdDSA" };
    format!("dpop = {{ key = {{ dangerous_inline = '{key}' }}, algorithm = '{algorithm}' }}")
}

/// An entry with `lines`, and a store in `directory`.
fn config(server: &ScriptedServer, directory: &TempDir, lines: &str) -> Config {
    let tokens = directory.path().join("tokens");
    let text = format!(
        "[store]\ndirectory = '{}'\nkey = {{ dangerous_inline = '{SEALING_KEY}' }}\n\
         [vendors.v]\nurl = '{url}/v1'\ntoken_url = '{url}/token'\n{lines}\n",
        tokens.display(),
        url = server.url(),
    );
    parse(&text).unwrap()
}

async fn log_in(config: &Config) {
    let vendor = config.vendor("v").unwrap();
    let login = vendor.login(Adapter::Tower.transport()).await.unwrap();
    let tokens = StoredTokens::default().with_refresh_token("r-1");
    let account = login.unwrap().account().clone();
    account.replace(&tokens).await.unwrap();
}

async fn get(
    adapter: Adapter,
    config: &Config,
    server: &ScriptedServer,
) -> Result<Answer, tower::BoxError> {
    let keyring = config.keyring(adapter.transport()).await.unwrap();
    let url = format!("{}/v1/orders", server.url());
    adapter.client(&keyring).get(&url).await
}

#[tokio::test]
async fn each_scheme_of_oauth_binds_its_tokens_through_both_adapters() {
    let jwt_bearer = format!(
        "scheme = 'jwt_bearer'\nkey = {{ dangerous_inline = '{EDDSA}' }}\nalgorithm = 'EdDSA'\n\
         jwt = {{ issuer = 'a', audience = 'b' }}"
    );
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        for scheme in [CLIENT_CREDENTIALS, REFRESH_TOKEN, &jwt_bearer] {
            let (own, server) = Server::start().await;
            own.demand(Some("n-endpoint"), Some("n-api"));
            let directory = tempfile::tempdir().unwrap();
            let config = config(&server, &directory, &format!("{scheme}\n{}", dpop(ES256)));
            let vendor = config.vendor("v").unwrap();
            if vendor.needs_login() {
                log_in(&config).await;
            }
            let answer = get(adapter, &config, &server).await.unwrap();
            assert_eq!(answer.status, StatusCode::OK, "{scheme}");
            assert_eq!(server.requests_to("/token").len(), 2);
            assert_eq!(server.requests_to("/v1/orders").len(), 2);
            assert_eq!(vendor.sends(), ["Authorization: DPoP ****"]);
            let loaded = vendor.load(adapter.transport()).await.unwrap();
            assert_eq!(loaded.sends(), ["Authorization: DPoP ****"]);
            assert!(loaded.token().is_some());
        }
    }
}

#[tokio::test]
async fn the_algorithm_is_es256_unless_the_entry_has_another() {
    let (_, server) = Server::start().await;
    let directory = tempfile::tempdir().unwrap();
    let default = format!("dpop = {{ key = {{ dangerous_inline = '{ES256}' }} }}");
    for table in [default, dpop(EDDSA)] {
        let config = config(
            &server,
            &directory,
            &format!("{CLIENT_CREDENTIALS}\n{table}"),
        );
        let answer = get(Adapter::Tower, &config, &server).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK, "{table}");
    }
}

#[tokio::test]
async fn stored_tokens_are_never_used_with_another_key_or_without_one() {
    let (_, server) = Server::start().await;
    let directory = tempfile::tempdir().unwrap();
    let with = |lines: &str| config(&server, &directory, &format!("{REFRESH_TOKEN}\n{lines}"));
    let bound = with(&dpop(ES256));
    log_in(&bound).await;
    for other in [with(&dpop(EDDSA)), with("")] {
        let failure = get(Adapter::Tower, &other, &server).await.unwrap_err();
        assert!(AuthError::find(&*failure).is_some(), "{failure}");
        assert_eq!(server.request_count(), 0);
    }
    let answer = get(Adapter::Tower, &bound, &server).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(server.requests()[0].text().contains("refresh_token=r-1"));
}

#[tokio::test]
async fn an_authorization_request_names_the_key() {
    let server = ScriptedServer::start().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let config = config(
        &server,
        &directory,
        &format!("{REFRESH_TOKEN}\n{}", dpop(EDDSA)),
    );
    let vendor = config.vendor("v").unwrap();
    let login = vendor.login(Adapter::Tower.transport()).await.unwrap();
    let login = login.unwrap();
    // The thumbprint of RFC 8037, A.3.
    let expected = ("dpop_jkt", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(login.parameters().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_key_with_another_format_is_an_error_at_the_key() {
    let (_, server) = Server::start().await;
    let directory = tempfile::tempdir().unwrap();
    let table = "dpop = { key = { dangerous_inline = 'no key' } }";
    let config = config(
        &server,
        &directory,
        &format!("{CLIENT_CREDENTIALS}\n{table}"),
    );
    let error = config.keyring(Adapter::Tower.transport()).await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("vendors.v.dpop.key: the ES256 key is not PEM"),
        "{error}"
    );
}

#[test]
fn an_invalid_entry_names_its_field() {
    let entry = |fields: &str| {
        format!(
            "[vendors.v]\nurl = 'https://v.example'\ntoken_url = 'https://v.example/token'\n\
             {CLIENT_CREDENTIALS}\n{fields}"
        )
    };
    let error = |text: &str| parse(text).unwrap_err().to_string();
    for (fields, expected) in [
        ("dpop = {}", "vendors.v.dpop.key: is missing"),
        (
            "dpop = { key = 's3cret' }",
            "vendors.v.dpop.key: must not be a secret itself",
        ),
        ("dpop = { nonce = 'n' }", "has an unknown field"),
        (
            "dpop = { key = { env = 'K' }, algorithm = 'HS256' }",
            "vendors.v.dpop.algorithm: is not an algorithm of DPoP proofs",
        ),
        (
            "dpop = { key = { env = 'K' } }\nprefix = 'Token '",
            "vendors.v.prefix: cannot be combined with `dpop`",
        ),
        (
            "dpop = { key = { env = 'K' } }\nname = 'x-token'",
            "vendors.v.name: cannot be combined with `dpop`",
        ),
        (
            "dpop = { key = { env = 'K' } }\ncookie = 'c'",
            "vendors.v.cookie: cannot be combined with `dpop`",
        ),
    ] {
        let shown = error(&entry(fields));
        assert!(shown.contains(expected), "{fields}: {shown}");
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    let bearer = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\n\
        key = { env = 'T' }\ndpop = { key = { env = 'K' } }";
    let shown = error(bearer);
    assert!(
        shown.contains("vendors.v.dpop: is not used by this scheme"),
        "{shown}"
    );
    let base_url = entry("dpop = { key = { env = 'K' } }").replace(
        "url = 'https://v.example'\ntoken",
        "base_url = { json = '/u', domains = ['https://v.example'] }\ntoken",
    );
    let shown = error(&base_url);
    assert!(
        shown.contains("vendors.v.base_url: cannot be combined with `dpop`"),
        "{shown}"
    );
    let account = "a".repeat(204);
    let long = format!(
        "[store]\ndirectory = 't'\nkey = {{ env = 'S' }}\n[vendors.v]\n\
         url = 'https://v.example'\ntoken_url = 'https://v.example/token'\n{REFRESH_TOKEN}\n\
         dpop = {{ key = {{ env = 'K' }} }}\naccount = '{account}'"
    );
    let shown = error(&long);
    assert!(
        shown.contains("vendors.v.account: is longer than 203"),
        "{shown}"
    );
    assert!(parse(&long.replace(&account, &account[1..])).is_ok());
}
