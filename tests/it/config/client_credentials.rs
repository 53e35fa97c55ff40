//! An OAuth client of the file: the client credentials grant (RFC 6749, 4.4) in six lines.

use http::StatusCode;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::{keyring, parse};

/// The token request and the request that a client of these lines sends.
async fn sent(lines: &str) -> [RecordedRequest; 2] {
    let server = ScriptedServer::start().await.unwrap();
    let token = json!({ "access_token": "t-1", "token_type": "Bearer", "expires_in": 3600 });
    server.push(ScriptedResponse::new(StatusCode::OK).with_json(&token));
    let text = format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'client_credentials'\ntoken_url = '{url}/token'\n\
         client_id = 'my-app'\nkey = {{ dangerous_inline = 's-1' }}\n{lines}",
        url = server.url()
    );
    let keyring = keyring(&text).await.unwrap();
    let client = guarded_client(keyring).build().unwrap();
    let url = format!("{}/v1/orders", server.url());
    client.get(url).send().await.unwrap();
    server.requests().try_into().unwrap()
}

/// Zoom's server-to-server OAuth.
#[tokio::test]
async fn a_vendor_may_have_a_grant_type_of_its_own() {
    let lines = "grant_type = 'account_credentials'\nparameters = { account_id = 'a-1' }";
    let [token_request, _] = sent(lines).await;
    assert_eq!(
        token_request.text(),
        "grant_type=account_credentials&account_id=a-1"
    );
}

#[tokio::test]
async fn the_clients_secret_goes_into_authorization_and_the_token_on_the_request() {
    let [token_request, request] =
        sent("scope = 'orders.read orders.write'\naudience = 'https://orders.example'").await;
    assert_eq!(token_request.path, "/token");
    // my-app:s-1
    assert_eq!(
        token_request.header("authorization"),
        Some("Basic bXktYXBwOnMtMQ==")
    );
    assert_eq!(
        token_request.text(),
        "grant_type=client_credentials&scope=orders.read+orders.write&audience=https%3A%2F%2Forders.example"
    );
    assert_eq!(request.header("authorization"), Some("Bearer t-1"));
}

#[tokio::test]
async fn the_clients_secret_goes_into_the_body_with_client_secret_post() {
    let [token_request, _] = sent("client_auth = 'client_secret_post'").await;
    assert_eq!(token_request.header("authorization"), None);
    assert_eq!(
        token_request.text(),
        "grant_type=client_credentials&client_id=my-app&client_secret=s-1"
    );
}

#[tokio::test]
async fn every_parameter_of_the_grant_is_sent() {
    let lines = "resource = ['https://a.example/', 'https://b.example/']\nparameters = { tenant = 'north' }";
    let [token_request, _] = sent(lines).await;
    assert_eq!(
        token_request.text(),
        "grant_type=client_credentials&resource=https%3A%2F%2Fa.example%2F&resource=https%3A%2F%2Fb.example%2F&tenant=north"
    );
    let [token_request, _] = sent("parameters_in = 'json'\nscope = 'a'").await;
    assert_eq!(
        token_request.text(),
        r#"{"grant_type":"client_credentials","scope":"a"}"#
    );
    let [token_request, _] = sent("parameters_in = 'query'\nscope = 'a b'").await;
    assert_eq!(
        token_request.query.as_deref(),
        Some("grant_type=client_credentials&scope=a+b")
    );
    assert_eq!(token_request.text(), "");
}

#[tokio::test]
async fn the_issuers_metadata_names_the_token_endpoint() {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url();
    let metadata = json!({ "issuer": url, "token_endpoint": format!("{url}/oauth/token") });
    let token = json!({ "access_token": "t-1", "expires_in": 3600 });
    for body in [metadata, token] {
        server.push(ScriptedResponse::new(StatusCode::OK).with_json(&body));
    }
    let text = format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'client_credentials'\nissuer = '{url}'\n\
         client_id = 'my-app'\nkey = {{ dangerous_inline = 's-1' }}"
    );
    let client = guarded_client(keyring(&text).await.unwrap())
        .build()
        .unwrap();
    client.get(format!("{url}/v1")).send().await.unwrap();
    let requests = server.requests();
    let paths: Vec<_> = requests.iter().map(|request| &*request.path).collect();
    let known = "/.well-known/oauth-authorization-server";
    assert_eq!(paths, [known, "/oauth/token", "/v1"]);
    assert_eq!(requests[2].header("authorization"), Some("Bearer t-1"));
}

#[tokio::test]
async fn the_token_goes_into_any_header_with_any_prefix() {
    for (lines, field, expected) in [
        ("name = 'x-auth-token'", "x-auth-token", "t-1"),
        (
            "name = 'x-auth-token'\nprefix = 'Token '",
            "x-auth-token",
            "Token t-1",
        ),
        ("prefix = 'Token '", "authorization", "Token t-1"),
    ] {
        let [_, request] = sent(lines).await;
        assert_eq!(request.header(field), Some(expected), "{lines}");
    }
}

#[test]
fn missing_and_unused_fields_are_reported_by_name() {
    for (lines, expected) in [
        ("client_id = 'c'", "vendors.v.token_url: is missing"),
        (
            "token_url = 'https://l.example'",
            "vendors.v.client_id: is missing",
        ),
        (
            "token_url = 'http://l.example'\nclient_id = 'c'",
            "vendors.v.token_url: ",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\nuser = 'u'",
            "vendors.v.user: is not used",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\nclient_auth = 'tls_client_auth'",
            "vendors.v.client_auth: has an invalid value",
        ),
        (
            "token_url = 'https://l.example'\nissuer = 'https://l.example'\nclient_id = 'c'",
            "vendors.v.issuer: cannot be combined with the URL of an endpoint",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\nendpoint_origins = ['https://o.example']",
            "vendors.v.endpoint_origins: needs `issuer`",
        ),
        (
            "issuer = 'https://l.example'\nclient_id = 'c'\nendpoint_origins = ['http://o.example']",
            "vendors.v.endpoint_origins: ",
        ),
        (
            "issuer = 'l.example'\nclient_id = 'c'",
            "vendors.v.issuer: ",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = ''",
            "vendors.v.client_id: ",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\nparameters = { client_secret = 'canary' }",
            "vendors.v.parameters: sets a parameter that another field sets",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\ngrant_type = 'a b'",
            "vendors.v.grant_type: is not a grant type",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\nparameters_in = 'xml'",
            "vendors.v.parameters_in: has an invalid value",
        ),
        (
            "token_url = 'https://l.example'\nclient_id = 'c'\nclient_secret = 'canary'",
            "vendors.v: has an unknown field: write `key`, which is the client's secret",
        ),
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'client_credentials'\nkey = {{ env = 'K' }}\n{lines}"
        );
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{lines}: {error}");
        assert!(!error.contains("canary"), "{error}");
    }
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { env = 'K' }\nscope = 's'";
    let error = parse(text).unwrap_err().to_string();
    assert!(error.contains("vendors.v.scope: is not used"), "{error}");
}
