//! The responses by which a vendor refuses a credential: `refused_if` and `forbidden_if`.

use std::sync::atomic::{AtomicUsize, Ordering};

use http::{HeaderMap, StatusCode};
use multi_auth::adapter::JsonBody;
use multi_auth::{ResponseHead, Rotation};
use multi_auth_config::Refusal;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;

/// A vendor that refuses each token except the second one, with this response.
async fn vendor(refusal: ScriptedResponse) -> ScriptedServer {
    let server = ScriptedServer::start().await.unwrap();
    let issued = AtomicUsize::new(0);
    server.respond_with(move |request: &RecordedRequest| {
        if request.path == "/token" {
            let number = issued.fetch_add(1, Ordering::Relaxed);
            let body = json!({ "access_token": format!("t-{number}") });
            return ScriptedResponse::new(StatusCode::OK).with_json(&body);
        }
        match request.header("authorization") {
            Some("Bearer t-1") => ScriptedResponse::new(StatusCode::ACCEPTED),
            _ => refusal.clone(),
        }
    });
    server
}

fn table(url: &str, conditions: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'token_endpoint'\nkey = {{ dangerous_inline = 'k' }}\n\
         {conditions}\n\
         token_endpoint = {{ url = '{url}/token', key_field = 'k' }}\n"
    )
}

/// Whether a refusal causes one replay, with a new token, through both adapters.
async fn is_replaced(refusal: &ScriptedResponse, conditions: &str) -> bool {
    let mut results = Vec::new();
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = vendor(refusal.clone()).await;
        let config = parse(&table(server.url(), conditions)).unwrap();
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let client = adapter.client(&keyring);
        let answer = client.get(&format!("{}/v1/x", server.url())).await.unwrap();
        let is_replaced = answer.status == StatusCode::ACCEPTED;
        let requests = server.requests_to("/token").len();
        assert_eq!(requests, 1 + usize::from(is_replaced), "{conditions}");
        results.push(is_replaced);
    }
    assert_eq!(results[0], results[1], "{conditions}");
    results[0]
}

fn refusal(status: u16) -> ScriptedResponse {
    let status = StatusCode::from_u16(status).unwrap();
    let body = json!({ "error": { "code": 40001, "name": "token_expired", "final": true } });
    let refusal = ScriptedResponse::new(status).with_json(&body);
    refusal
        .with_header("x-reason", "the token expired")
        .unwrap()
}

#[tokio::test]
async fn a_condition_that_holds_refreshes_the_token() {
    for (status, condition, expected) in [
        (403, "header = 'x-reason', contains = 'expired'", true),
        (
            403,
            "header = 'X-Reason', contains = 'Token EXPIRED', status = [403]",
            true,
        ),
        (200, "header = 'x-reason', contains = 'expired'", true),
        (
            403,
            "header = 'x-reason', contains = 'expired', status = [419]",
            false,
        ),
        (403, "header = 'x-other', contains = 'expired'", false),
        (200, "json = '/error/code', equals = [1, 40001]", true),
        (200, "json = '/error/code', equals = ['40001']", true),
        (
            200,
            "json = '/error/name', equals = ['token_expired']",
            true,
        ),
        (200, "json = '/error/final', equals = [true]", true),
        (
            403,
            "json = '/error/name', equals = ['token_expired'], status = [400, 403]",
            true,
        ),
        (
            403,
            "json = '/error/name', equals = ['token_expired'], status = [400]",
            false,
        ),
        (403, "json = '/error/name', equals = ['token']", false),
        (403, "json = '/error', equals = ['token_expired']", false),
        (419, "status = [419]", true),
        (403, "status = [419]", false),
    ] {
        let conditions = format!("refused_if = [{{ {condition} }}]");
        let replaced = is_replaced(&refusal(status), &conditions).await;
        assert_eq!(replaced, expected, "{status} {condition}");
    }
}

#[tokio::test]
async fn one_condition_of_several_suffices() {
    let conditions =
        "refused_if = [{ status = [419] }, { json = '/error/code', equals = [40001] }]";
    assert!(is_replaced(&refusal(200), conditions).await);
}

#[tokio::test]
async fn a_missing_permission_is_not_refreshed_whatever_else_holds() {
    for status in [401, 403] {
        let conditions = "refused_if = [{ status = [403] }]\n\
                          forbidden_if = [{ json = '/error/name', equals = ['token_expired'] }]";
        assert!(!is_replaced(&refusal(status), conditions).await, "{status}");
        let without = "refused_if = [{ status = [403] }]";
        assert!(is_replaced(&refusal(status), without).await, "{status}");
    }
}

#[test]
fn a_vendor_tells_what_a_response_refuses() {
    let conditions = "refused_if = [{ json = '/error', equals = ['expired'] }]\n\
                      forbidden_if = [{ status = [409] }]";
    let config = parse(&table("https://v.example", conditions)).unwrap();
    let vendor = &config.vendors()[0];
    let headers = HeaderMap::new();
    let refusal = |status, body: &str| {
        let json = JsonBody::new(body.to_owned().into());
        let response = ResponseHead::new(status, &headers);
        vendor.refusal(&response.with_json(Some(&json)))
    };
    assert_eq!(refusal(StatusCode::OK, "{}"), None);
    let expired = r#"{"error": "expired"}"#;
    assert_eq!(refusal(StatusCode::OK, expired), Some(Refusal::Credential));
    assert_eq!(
        refusal(StatusCode::CONFLICT, expired),
        Some(Refusal::Forbidden)
    );
}

#[test]
fn an_invalid_condition_names_what_is_missing() {
    for (condition, expected) in [
        ("header = '', contains = 'a'", "invalid header field"),
        ("header = 'a b', contains = 'a'", "invalid header field"),
        ("header = 'a', contains = ''", "invalid header field"),
        ("header = 'a'", "invalid header field"),
        ("contains = 'a'", "invalid header field"),
        (
            "header = 'a', contains = 'a', status = [7]",
            "invalid status",
        ),
        ("status = [200]", "invalid status"),
        ("status = [500]", "invalid status"),
        (
            "status = [999], json = '/a', equals = ['b']",
            "invalid status",
        ),
        ("json = 'a', equals = ['b']", "invalid JSON pointer"),
        ("json = '/a'", "invalid JSON pointer"),
        ("equals = ['b']", "invalid JSON pointer"),
        ("json = '', equals = ['b']", "invalid JSON pointer"),
        ("", "a condition that every response meets"),
        (
            "json = '/a', equals = ['b'], body = 'c'",
            "has an unknown field",
        ),
    ] {
        for field in ["refused_if", "forbidden_if"] {
            let text = table(
                "https://v.example",
                &format!("{field} = [{{ {condition} }}]"),
            );
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains("multi-auth.toml:5:"), "{error}");
            assert!(
                error.contains(field) && error.contains(expected),
                "{condition}: {error}"
            );
        }
    }
}

/// A key whose refusals have status 200.
#[tokio::test]
async fn a_newer_key_that_is_refused_in_the_body_gives_way_to_the_older_one() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|request: &RecordedRequest| {
            let is_old = request.header("authorization") == Some("Bearer k-1");
            let error = if is_old { "none" } else { "invalid_auth" };
            ScriptedResponse::new(StatusCode::OK).with_json(&json!({ "error": error }))
        });
        let folder = tempfile::tempdir().unwrap();
        let key = secret_file(&folder, "key", "k-1");
        let text = format!(
            "[vendors.v]\nurl = '{}'\nscheme = 'bearer'\nkey = {{ file = '{}' }}\n\
             refused_if = [{{ json = '/error', equals = ['invalid_auth'] }}]",
            server.url(),
            key.display()
        );
        let live = parse(&text)
            .unwrap()
            .live_keyring(adapter.transport())
            .await
            .unwrap();
        let client = adapter.client(live.keyring());
        client.get(server.url()).await.unwrap();
        write_secret(&key, "k-2");
        assert!(live.refresh().await.is_empty());

        let answer = client.get(server.url()).await.unwrap();

        assert_eq!(answer.body, json!({ "error": "none" }).to_string());
        let sent: Vec<_> = server
            .requests()
            .iter()
            .map(|one| one.header("authorization").unwrap().to_owned())
            .collect();
        assert_eq!(sent, ["Bearer k-1", "Bearer k-2", "Bearer k-1"]);
        let state = live.rotations().next().unwrap().1;
        assert_ne!(state, Rotation::Settled);
    }
}
