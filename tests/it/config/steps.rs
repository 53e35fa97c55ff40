//! Token requests one after another, and texts that are kept.

use http::StatusCode;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::parse;
use crate::adapter::Adapter;

/// A login whose token opens a session, whose token opens the API.
fn table(url: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'token_endpoint'\nname = 'x-session'\n\
         key = {{ dangerous_inline = 'k-1' }}\nsecrets = {{ pin = {{ dangerous_inline = 'p-1' }} }}\n\
         [vendors.v.token_endpoint]\nurl = '{url}/login'\nkey_field = 'password'\n\
         keep = {{ account = '/user/account' }}\n\
         [vendors.v.token_endpoint.then]\nurl = '{url}/sessions'\n\
         credential = {{ scheme = 'bearer' }}\n\
         fields = {{ account = '{{account}}', pin = '{{pin}}' }}\n\
         token_at = '/session'\ndefault_lifetime = '1h'\n"
    )
}

/// Numbers its tokens. `/v1` accepts the newest session.
fn vendor() -> impl Fn(&RecordedRequest) -> ScriptedResponse {
    let issued = std::sync::atomic::AtomicUsize::new(0);
    move |request| {
        let ok = ScriptedResponse::new(StatusCode::OK);
        let number = || issued.load(std::sync::atomic::Ordering::Relaxed);
        match &*request.path {
            "/login" => {
                let number = issued.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
                let user = json!({ "account": "a&1" });
                ok.with_json(&json!({ "access_token": format!("l-{number}"), "user": user }))
            }
            "/sessions" => {
                let expected = format!("Bearer l-{}", number());
                assert_eq!(request.header("authorization"), Some(&*expected));
                assert_eq!(request.text(), r#"{"account":"a&1","pin":"p-1"}"#);
                ok.with_json(&json!({ "session": format!("s-{}", number()) }))
            }
            _ => {
                let is_newest = request.header("x-session") == Some(&*format!("s-{}", number()));
                let is_first = number() == 1 && request.path == "/v1/refused";
                if is_newest && !is_first {
                    ok
                } else {
                    ScriptedResponse::new(StatusCode::UNAUTHORIZED)
                }
            }
        }
    }
}

#[tokio::test]
async fn each_step_has_the_token_of_the_one_before_as_its_key() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(vendor());
        let config = parse(&table(server.url())).unwrap();
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let client = adapter.client(&keyring);
        let url = |path: &str| format!("{}/v1/{path}", server.url());
        assert_eq!(client.get(&url("a")).await.unwrap().status, 200);
        assert_eq!(client.get(&url("a")).await.unwrap().status, 200);
        assert_eq!(server.requests_to("/login").len(), 1);
        // A refused session begins again with the login.
        assert_eq!(client.get(&url("refused")).await.unwrap().status, 200);
        assert_eq!(server.requests_to("/login").len(), 2);
        assert_eq!(server.requests_to("/sessions").len(), 2);
    }
}

#[tokio::test]
async fn a_step_that_fails_names_its_endpoint() {
    for (path, status) in [("/login", 401), ("/sessions", 403)] {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(move |request| {
            if request.path == path {
                return ScriptedResponse::new(StatusCode::from_u16(status).unwrap());
            }
            let body = json!({ "access_token": "l-1", "user": { "account": "a" } });
            ScriptedResponse::new(StatusCode::OK).with_json(&body)
        });
        let vendor = parse(&table(server.url())).unwrap().vendors()[0].clone();
        let credential = vendor.load(Adapter::Reqwest.transport()).await.unwrap();
        let error = credential.obtain().await.unwrap_err().to_string();
        assert!(error.contains(path) && !error.contains("l-1"), "{error}");
    }
}

#[tokio::test]
async fn a_text_to_keep_that_is_missing_is_an_error() {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|_| {
        let body = json!({ "access_token": "l-1", "user": {} });
        ScriptedResponse::new(StatusCode::OK).with_json(&body)
    });
    let vendor = parse(&table(server.url())).unwrap().vendors()[0].clone();
    let credential = vendor.load(Adapter::Tower.transport()).await.unwrap();
    let error = credential.obtain().await.unwrap_err().to_string();
    assert!(error.contains("/user/account"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn an_invalid_step_names_its_field() {
    let right = table("https://v.example");
    for (from, to, expected) in [
        (
            "https://v.example/sessions",
            "http://v.example/sessions",
            "token_endpoint.then.url",
        ),
        (
            "credential = { scheme = 'bearer' }",
            "",
            "token_endpoint.then: has no place for the key",
        ),
        ("'/session'", "'session'", "token_endpoint.then.token_at"),
        (
            "default_lifetime = '1h'",
            "default_lifetime = '1'",
            "token_endpoint.then.default_lifetime",
        ),
        (
            "account = '/user/account'",
            "'Account' = '/a'",
            "token_endpoint.keep",
        ),
        (
            "account = '/user/account'",
            "key = '/a'",
            "token_endpoint.keep",
        ),
        (
            "account = '/user/account'",
            "a = 'a'",
            "token_endpoint.keep",
        ),
        (
            "scheme = 'bearer' }",
            "scheme = 'jwt' }",
            "vendors.v.jwt: is missing",
        ),
        ("key_field", "keyfield", "has an unknown field"),
    ] {
        assert!(right.contains(from), "{from}");
        let error = parse(&right.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
