//! Token requests as the file describes them.

use http::StatusCode;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::{keyring, parse};
use crate::adapter::Adapter;
use crate::body::TestBody;

/// What the endpoint and the vendor are sent with a token request of these lines and the key
/// `secret`.
async fn sent(
    table: &str,
    secret: &str,
    answer: serde_json::Value,
) -> (RecordedRequest, Option<StatusCode>) {
    let server = ScriptedServer::start().await.unwrap();
    server.push(ScriptedResponse::new(StatusCode::OK).with_json(&answer));
    let text = format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'token_endpoint'\nkey = {{ dangerous_inline = '{secret}' }}\n\
         [vendors.v.token_endpoint]\nurl = '{url}/token'\n{table}",
        url = server.url()
    );
    let client = guarded_client(keyring(&text).await.unwrap())
        .build()
        .unwrap();
    let answer = client.get(format!("{}/v1/x", server.url())).send().await;
    let token_request = server.requests().first().unwrap().clone();
    (token_request, answer.ok().map(|answer| answer.status()))
}

fn token() -> serde_json::Value {
    json!({ "access_token": "t-1" })
}

#[tokio::test]
async fn a_clients_id_and_secret_are_form_encoded_for_basic() {
    let table = "format = 'form'\nfields = { grant_type = 'client_credentials' }\n\
                    client_secret_basic = { client_id = '1PpG/Q 1' }";
    let secret = "z/tZ9VwFZqApmIQ+ZH1I5pLk/uB4ud:X2/8bL+wfFTt1rFw=";
    let (request, answer) = sent(table, secret, token()).await;
    assert_eq!(
        request.header("authorization"),
        Some(
            "Basic MVBwRyUyRlErMTp6JTJGdFo5VndGWnFBcG1JUSUyQlpIMUk1cExrJTJGdUI0dWQlM0FYMiUyRjhiTCUyQndmRlR0MXJGdyUzRA=="
        )
    );
    assert_eq!(request.body, "grant_type=client_credentials");
    assert_eq!(answer, Some(StatusCode::OK));
}

#[tokio::test]
async fn the_fields_of_a_json_body_nest_and_the_key_goes_to_its_pointer() {
    let table = "key_field = '/auth/secret'\n\
                    [vendors.v.token_endpoint.fields]\nscopes = ['a', 'b']\nttl = 60\n\
                    [vendors.v.token_endpoint.fields.auth]\nkind = 'key'\nis_new = true";
    let (request, answer) = sent(table, "k\"1", token()).await;
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    let expected = json!({
        "auth": { "kind": "key", "is_new": true, "secret": "k\"1" },
        "scopes": ["a", "b"],
        "ttl": 60,
    });
    assert_eq!(body, expected);
    assert_eq!(answer, Some(StatusCode::OK));
}

#[tokio::test]
async fn a_flag_in_the_response_can_refuse_the_key() {
    let table = "key_field = 'k'\nrefused_unless = '/ok'";
    let is_sent = |ok: bool| async move {
        let answer = json!({ "access_token": "t-1", "ok": ok });
        sent(table, "k-1", answer).await.1
    };
    assert_eq!(is_sent(true).await, Some(StatusCode::OK));
    assert_eq!(is_sent(false).await, None);
}

#[tokio::test]
async fn a_token_without_a_lifetime_has_the_default_lifetime_of_the_file() {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|_| ScriptedResponse::new(StatusCode::OK).with_json(&token()));
    let text = format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'token_endpoint'\nkey = {{ dangerous_inline = 'k-1' }}\n\
         token_endpoint = {{ url = '{url}/token', key_field = 'k', default_lifetime = '1h' }}",
        url = server.url()
    );
    let config = parse(&text).unwrap();
    let transport = crate::adapter::Adapter::Reqwest.transport();
    let opened = config.vendors()[0].load(transport).await.unwrap();
    opened.obtain().await.unwrap();
    let remaining = opened.token().unwrap().remaining.unwrap();
    assert!(
        (3_500..=3_600).contains(&remaining.as_secs()),
        "{remaining:?}"
    );
}

#[test]
fn an_invalid_token_request_is_an_error_with_a_remedy() {
    for (lines, expected) in [
        ("", "has no place for the key"),
        (
            "key_field = 'k'\nclient_secret_basic = { client_id = 'c' }",
            "has two places for the key",
        ),
        (
            "key_field = 'k'\nfields = { k = 'x' }",
            "the field that holds the key",
        ),
        (
            "key_field = '/a/k'\nfields = { a = 'x' }",
            "the field that holds the key",
        ),
        (
            "key_field = '/a/k'\nformat = 'form'",
            "which a form cannot hold",
        ),
        (
            "key_field = 'k'\nformat = 'form'\nfields = { a = { b = 1 } }",
            "which a form cannot hold",
        ),
        (
            "key_field = 'k'\nfields = { a = 2027-03-01 }",
            "that JSON does not have",
        ),
        (
            "key_field = 'k'\nfields = { a = [nan] }",
            "that JSON does not have",
        ),
        (
            "key_field = 'k'\nrefused_unless = 'ok'",
            "is not a JSON pointer",
        ),
        (
            "key_field = 'k'\ndefault_lifetime = '1'",
            "is not a duration",
        ),
        (
            "credential = { scheme = 'bearer', name = 'canary' }",
            "has a field that its scheme does not use",
        ),
        (
            "credential = { scheme = 'header', name = 'x', user = 'canary' }",
            "has a field that its scheme does not use",
        ),
        (
            "credential = { scheme = 'basic', user = 'u', prefix = 'canary' }",
            "has a field that its scheme does not use",
        ),
        ("client_secret_basic = 'canary'", "has an invalid value"),
        ("key_field = 'k'\nmethod = 'GET'", "sends no body"),
        (
            "client_secret_basic = { id = 'canary' }",
            "has an unknown field",
        ),
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'token_endpoint'\nkey = {{ env = 'K' }}\n\
             [vendors.v.token_endpoint]\nurl = 'https://v.example/token'\n{lines}"
        );
        let error = parse(&text).unwrap_err().to_string();
        assert!(
            error.contains(expected) && !error.contains("canary"),
            "{lines}: {error}"
        );
    }
}

#[tokio::test]
async fn client_secret_post_puts_the_secret_into_the_body() {
    let table = "format = 'form'\nfields = { grant_type = 'client_credentials' }\n\
                 client_secret_post = { client_id = 'my-app' }";
    let (request, answer) = sent(table, "s-1", token()).await;
    assert_eq!(
        request.text(),
        "grant_type=client_credentials&client_id=my-app&client_secret=s-1"
    );
    assert_eq!(answer, Some(StatusCode::OK));
}

#[tokio::test]
async fn the_file_sets_method_query_and_token_types() {
    let table = "method = 'GET'\nquery = { version = '2' }\ntoken_types = ['session']\n\
                 client_secret_basic = { client_id = 'my-app' }";
    let session = json!({ "access_token": "t-1", "token_type": "Session" });
    let (request, answer) = sent(table, "s-1", session.clone()).await;
    assert_eq!(request.method, http::Method::GET);
    assert_eq!(request.query.as_deref(), Some("version=2"));
    assert!(request.body.is_empty());
    assert_eq!(answer, Some(StatusCode::OK));
    // Another type than the file accepts.
    let (_, answer) = sent("key_field = 'k'", "k-1", session).await;
    assert_eq!(answer, None);
}

#[tokio::test]
async fn a_session_in_a_header_field_goes_into_a_cookie() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        let session = ScriptedResponse::new(StatusCode::OK);
        server.push(session.with_header("x-session", "s-1").unwrap());
        let text = format!(
            "[vendors.v]\nurl = '{url}/v1'\nscheme = 'token_endpoint'\ncookie = 'sid'\n\
             key = {{ dangerous_inline = 'k' }}\n\
             token_endpoint = {{ url = '{url}/login', key_field = 'k', token_header = 'X-Session' }}",
            url = server.url()
        );
        let config = parse(&text).unwrap();
        assert_eq!(config.vendors()[0].sends(), ["Cookie: sid=****"]);
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let mut request = http::Request::get(format!("{}/v1/x", server.url()));
        request = request.header("cookie", "lang=de");
        let request = request.body(TestBody::default()).unwrap();
        adapter.client(&keyring).send(request).await.unwrap();
        let sent = server.requests().pop().unwrap();
        let cookies = sent.header_values("cookie").join("; ");
        assert_eq!(cookies, "lang=de; sid=s-1");
    }
}
