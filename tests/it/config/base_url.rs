//! A base URL that the token response names: `base_url`.

use http::StatusCode;
use multi_auth::{AuthError, ProtectionSpace, TokenRequestProblem};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::parse;
use crate::adapter::{Adapter, auth_error};

/// A server whose token responses name `base`, below its own URL.
async fn server(base: &'static str) -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url().to_owned();
    server.respond_with(move |request: &RecordedRequest| {
        let base = base.replace("{url}", &url);
        let body = json!({ "access_token": "t-1", "token_type": "Bearer", "api": { "url": base } });
        match request.path.as_str() {
            "/token" => ScriptedResponse::new(StatusCode::OK).with_json(&body),
            _ => ScriptedResponse::new(StatusCode::OK),
        }
    });
    server
}

/// One entry for each way to obtain a token.
fn entries(url: &str) -> [String; 3] {
    let common = format!(
        "[vendors.v]\nkey = {{ dangerous_inline = 'k-1' }}\nverify = '/me'\n\
         base_url = {{ json = '/api/url', domains = ['{url}'] }}\n"
    );
    let client = "client_id = 'c-1'\n";
    let endpoint = format!("token_endpoint = {{ url = '{url}/token', key_field = 'k' }}");
    let steps = format!(
        "token_endpoint = {{ url = '{url}/login', key_field = 'k', token_at = '', \
         then = {{ url = '{url}/token', key_field = 'k' }} }}"
    );
    [
        format!("{common}scheme = 'client_credentials'\n{client}token_url = '{url}/token'"),
        format!("{common}scheme = 'token_endpoint'\n{endpoint}"),
        format!("{common}scheme = 'token_endpoint'\n{steps}"),
    ]
}

#[tokio::test]
async fn a_keyring_tells_the_base_url_and_binds_it() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = server("{url}/inst").await;
        for entry in entries(server.url()) {
            if entry.contains("/login") {
                server.push(ScriptedResponse::new(StatusCode::OK).with_body("t-0"));
            }
            let config = parse(&entry).unwrap();
            let space = &config.vendors()[0].protection_spaces()[0];
            let keyring = config.keyring(adapter.transport()).await.unwrap();
            let base = keyring.base_url(space).await.unwrap().unwrap();
            let vendor = config.vendor("v").unwrap();
            assert_eq!(
                vendor.base_url(&keyring).await.unwrap().as_ref(),
                Some(&base)
            );
            assert_eq!(base.as_str(), format!("{}/inst", server.url()));
            let client = adapter.client(&keyring);
            client.get(&format!("{base}/data")).await.unwrap();
            let request = server.requests().pop().unwrap();
            assert_eq!(request.path, "/inst/data");
            assert_eq!(request.header("authorization"), Some("Bearer t-1"));
        }
    }
}

#[tokio::test]
async fn a_base_url_at_another_domain_gives_no_token() {
    let server = server("https://evil.example").await;
    for entry in &entries(server.url())[..2] {
        let config = parse(entry).unwrap();
        let keyring = config.keyring(Adapter::Tower.transport()).await.unwrap();
        let client = Adapter::Tower.client(&keyring);
        let error = auth_error(client.get(&format!("{}/inst", server.url())).await);
        let AuthError::TokenRequest { problem, .. } = error else {
            panic!("{error:?}")
        };
        assert!(
            matches!(problem, TokenRequestProblem::BaseUrl),
            "{problem:?}"
        );
    }
    assert!(server.requests_to("/inst").is_empty());
}

#[tokio::test]
async fn a_response_without_the_base_url_names_its_place() {
    let server = ScriptedServer::start().await.unwrap();
    let token = json!({ "access_token": "t-1", "token_type": "Bearer" });
    server.respond_with(move |_| ScriptedResponse::new(StatusCode::OK).with_json(&token));
    let config = parse(&entries(server.url())[0]).unwrap();
    let vendor = config.vendors()[0].clone();
    let credential = vendor.load(Adapter::Tower.transport()).await.unwrap();
    let error = credential.obtain().await.unwrap_err().to_string();
    assert!(error.contains("`/api/url`"), "{error}");
}

#[tokio::test]
async fn the_path_of_verify_is_below_the_base_url() {
    let server = server("{url}/inst/").await;
    let config = parse(&entries(server.url())[0]).unwrap();
    let vendor = config.vendors()[0].clone();
    assert_eq!(vendor.verification(), None);
    let credential = vendor.load(Adapter::Tower.transport()).await.unwrap();
    let url = credential.verification().await.unwrap().unwrap();
    assert_eq!(url, format!("{}/inst/me", server.url()));
}

#[tokio::test]
async fn a_program_may_bind_another_host_of_the_domain() {
    let entry = &entries("https://vendor.example")[0];
    let key = || multi_auth::ApiKey::header("x-key", "k-2").unwrap();
    let config = parse(entry).unwrap();
    let host = ProtectionSpace::new("https://a.vendor.example").unwrap();
    assert!(config.clone().with_binding(host, key()).is_ok());
    let domain = ProtectionSpace::new("https://vendor.example").unwrap();
    assert!(config.with_binding(domain, key()).is_ok());
    // Two entries of one domain need accounts.
    let other = entry.replace("vendors.v", "vendors.w");
    let error = parse(&format!("{entry}\n{other}")).unwrap_err().to_string();
    assert!(
        error.contains("has the same protection space as vendors.v"),
        "{error}"
    );
}

#[test]
fn an_invalid_base_url_names_its_field() {
    let right = entries("https://vendor.example")[0].clone();
    for (from, to, expected) in [
        (
            "'/api/url'",
            "'api'",
            "base_url.json: has an invalid JSON pointer",
        ),
        (
            "['https://vendor.example']",
            "[]",
            "base_url.domains: no base URL is allowed",
        ),
        (
            "['https://vendor.example']",
            "['https://com']",
            "base_url.domains",
        ),
        (
            "['https://vendor.example']",
            "['https://*.vendor.example']",
            "base_url.domains",
        ),
        (
            "['https://vendor.example']",
            "['http://vendor.example']",
            "base_url.domains",
        ),
        (
            "verify = '/me'",
            "url = 'https://a.example'",
            "vendors.v.url: cannot be combined",
        ),
        (
            "verify = '/me'",
            "verify = 'me'",
            "vendors.v.verify: is not a path",
        ),
        (
            "verify = '/me'",
            "verify = '@evil.example/'",
            "vendors.v.verify: is not a path",
        ),
        (
            "verify = '/me'",
            "verify = ':8080/'",
            "vendors.v.verify: is not a path",
        ),
        (
            "verify = '/me'",
            "also = { scheme = 'bearer', base_url = { json = '/a', domains = ['https://v.example'] }, key = { env = 'K' } }",
            "also.base_url: belongs to the vendor",
        ),
    ] {
        assert!(right.contains(from), "{from}");
        let error = parse(&right.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    let bearer = "[vendors.v]\nscheme = 'bearer'\nkey = { env = 'K' }\n\
                  base_url = { json = '/a', domains = ['https://v.example'] }";
    let error = parse(bearer).unwrap_err().to_string();
    assert!(
        error.contains("vendors.v.base_url: is not used by this scheme"),
        "{error}"
    );
}
