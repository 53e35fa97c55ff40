//! What is known of one vendor: what it sends, what it is asked, how its tokens are kept.

use multi_auth::TokenState;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{ImmutaSimulator, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::parse;
use crate::adapter::Adapter;

async fn sends(fields: &str) -> Vec<String> {
    let text = format!("[vendors.v]\nurl = 'https://v.example'\n{fields}");
    let config = parse(&text).unwrap();
    let opened = config.vendors()[0].load(Adapter::Reqwest.transport()).await;
    opened.unwrap().sends().to_vec()
}

#[tokio::test]
async fn what_is_sent_is_shown_without_the_secret() {
    for (fields, expected) in [
        ("preset = 'alphamoon'", "Authorization: Basic ****"),
        ("preset = 'immuta'", "Authorization: Bearer ****"),
        ("preset = 'immuta-raw-key'", "Authorization: ****"),
        ("scheme = 'header'\nname = 'x-key'", "x-key: ****"),
        ("scheme = 'query'\nname = 'key'", "?key=****"),
        (
            "scheme = 'cookie'\nname = 'session'",
            "Cookie: session=****",
        ),
        (
            "scheme = 'authorization'\nprefix = 'SSWS '",
            "Authorization: SSWS ****",
        ),
        // A key may have slipped into it.
        (
            "scheme = 'authorization'\nprefix = 'Token k-1='",
            "Authorization: ****",
        ),
    ] {
        let sent = sends(&format!("{fields}\nkey.dangerous_inline = 'u:p'")).await;
        assert_eq!(sent, [expected], "{fields}");
    }
}

#[test]
fn the_verification_url_comes_from_the_preset_or_the_file() {
    for (fields, expected) in [
        (
            "preset = 'alphamoon'",
            Some("https://workspace.alphamoon.ai/api/v0.3/processes?limit=1"),
        ),
        ("preset = 'alphamoon'\nprocess = 'p'", None),
        (
            "preset = 'immuta'\nurl = 'https://i.example/base/'",
            Some("https://i.example/base/bim/rpc/user/current"),
        ),
        ("scheme = 'bearer'\nurl = 'https://v.example'", None),
        (
            "scheme = 'bearer'\nurl = 'https://v.example/v1'\nverify = '/me?a=b'",
            Some("https://v.example/v1/me?a=b"),
        ),
    ] {
        let text = format!("[vendors.v]\nkey = {{ env = 'K' }}\n{fields}");
        let config = parse(&text).unwrap();
        assert_eq!(config.vendors()[0].verification(), expected, "{fields}");
    }
}

#[test]
fn the_verification_url_is_in_the_protection_space() {
    for (fields, is_right) in [
        (
            "url = 'https://v.example/v1'\nscheme = 'bearer'\nverify = '/me'",
            true,
        ),
        (
            "url = 'https://v.example/v1/'\nscheme = 'bearer'\nverify = '/me'",
            true,
        ),
        (
            "url = 'https://v.example/v1'\nscheme = 'bearer'\nverify = '/a/../me'",
            true,
        ),
        (
            "url = 'https://v.example/v1'\nscheme = 'bearer'\naccount = 'north'\nverify = '/me'",
            true,
        ),
        (
            "url = 'https://v.example/v1'\nscheme = 'bearer'\nverify = '/../me'",
            false,
        ),
        (
            "url = 'https://v.example/v1'\nscheme = 'bearer'\nverify = '/%2e%2e/me'",
            false,
        ),
        (
            "url = 'https://v.example/v1'\nscheme = 'bearer'\nverify = '/..\\me'",
            false,
        ),
        (
            "url = 'https://v.example/v1//'\nscheme = 'bearer'\nverify = '/me'",
            true,
        ),
        (
            "preset = 'alphamoon'\nprocess = 'inv'\nverify = '/api/ok'",
            false,
        ),
        (
            "preset = 'alphamoon'\nprocess = 'inv'\nverify = '/api/v0.4/processes/inv/api-keys'",
            true,
        ),
    ] {
        let text = format!("[vendors.v]\nkey = {{ env = 'K' }}\n{fields}");
        let parsed = parse(&text);
        assert_eq!(parsed.is_ok(), is_right, "{fields}: {parsed:?}");
    }
}

#[tokio::test]
async fn a_loaded_credential_reports_its_token() {
    let immuta = ImmutaSimulator::start().await.unwrap();
    let text = format!(
        "[vendors.v]\npreset = 'immuta'\nurl = '{}'\nkey.dangerous_inline = '{}'",
        immuta.url(),
        immuta.api_key()
    );
    let config = parse(&text).unwrap();
    let opened = config.vendors()[0]
        .load(Adapter::Reqwest.transport())
        .await
        .unwrap();
    assert_eq!(opened.token().unwrap().state, TokenState::Absent);
    let client = guarded_client(opened.keyring().clone()).build().unwrap();
    let answer = client
        .get(config.vendors()[0].verification().unwrap())
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(opened.token().unwrap().state, TokenState::Fresh);
}

#[tokio::test]
async fn the_file_configures_the_token_cache() {
    let server = ScriptedServer::start().await.unwrap();
    let token =
        |token: &str| ScriptedResponse::default().with_json(&json!({ "access_token": token }));
    server.push(token("t-1"));
    server.push(ScriptedResponse::new(419.try_into().unwrap()));
    server.push(token("t-2"));
    let text = format!(
        r#"
        [vendors.reports]
        url = "{url}/v1"
        scheme = "token_endpoint"
        key = {{ dangerous_inline = "k-1" }}
        token_endpoint = {{ url = "{url}/login", key_field = "secret" }}
        token = {{ refresh_on = [401, 419], refresh_timeout = "5s", max_age = "1h 30m", attempts = 2 }}
        "#,
        url = server.url()
    );
    let config = parse(&text).unwrap();
    let opened = config.vendors()[0]
        .load(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let client = guarded_client(opened.keyring().clone()).build().unwrap();
    let url = format!("{}/v1/reports", server.url());
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
    let remaining = opened.token().unwrap().remaining.unwrap();
    assert!(remaining.as_secs() > 80 * 60, "{remaining:?}");
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Bearer t-2"));
}
