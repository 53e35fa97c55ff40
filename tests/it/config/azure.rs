//! The scheme `azure_shared_key`.

use http::StatusCode;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};

use super::parse;
use crate::adapter::{Adapter, auth_error};
use crate::body::TestBody;

fn entry(url: &str, azure: &str, fields: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'azure_shared_key'\n\
         key = {{ dangerous_inline = 'c2VjcmV0' }}\nazure = {{ {azure} }}\n{fields}"
    )
}

#[tokio::test]
async fn an_entry_signs_its_requests_through_both_adapters() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        for (table, version) in [
            ("account = 'acme1'", "2023-11-03"),
            ("account = 'acme1', table = true", "2019-02-02"),
            ("account = 'acme1', version = '2020-02-10'", "2020-02-10"),
        ] {
            let server = ScriptedServer::start().await.unwrap();
            let config = parse(&entry(server.url(), table, "")).unwrap();
            let sends = config.vendor("v").unwrap().sends();
            assert_eq!(sends, ["Authorization: SharedKey ****"]);
            let keyring = config.keyring(adapter.transport()).await.unwrap();
            adapter.client(&keyring).get(server.url()).await.unwrap();
            let sent = server.requests().pop().unwrap();
            let authorization = sent.header("authorization").unwrap();
            assert!(authorization.starts_with("SharedKey acme1:"));
            assert_eq!(sent.header("x-ms-version"), Some(version));
        }
    }
}

#[tokio::test]
async fn a_body_is_signed_if_the_entry_says_what_a_refusal_is() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        server.respond_with(|_: &RecordedRequest| ScriptedResponse::new(StatusCode::FORBIDDEN));
        let text = entry(
            server.url(),
            "account = 'acme1'",
            "refused_if = [{ status = [403] }]",
        );
        let config = parse(&text).unwrap();
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let client = adapter.client(&keyring);
        let answer = client.post(server.url(), TestBody::whole("abc")).await;
        assert_eq!(answer.unwrap().status, StatusCode::FORBIDDEN);
        assert_eq!(server.requests().pop().unwrap().text(), "abc");
        let error = auth_error(client.post(server.url(), TestBody::stream("abc")).await);
        assert!(error.to_string().contains("Content-Length"), "{error}");
        assert_eq!(server.request_count(), 1);
    }
}

#[test]
fn an_invalid_entry_names_its_field() {
    for (azure, fields, expected) in [
        (
            "account = 'Acme'",
            "",
            "vendors.v.azure.account: the storage account has an invalid name",
        ),
        (
            "account = 'acme1', version = '2015-02-21'",
            "",
            "vendors.v.azure.version: versions of Azure Storage before 2016-05-31",
        ),
        (
            "table = true",
            "",
            "vendors.v.azure: missing field `account`",
        ),
        (
            "account = 'acme1', tables = true",
            "",
            "has an unknown field",
        ),
        (
            "account = 'acme1'",
            "name = 'x'",
            "vendors.v.name: is not used by this scheme",
        ),
        (
            "account = 'acme1'",
            "secrets = { token = { env = 'T' } }",
            "vendors.v.secrets: is not used by this scheme",
        ),
        (
            "account = 'acme1'",
            "key_encoding = 'base64'",
            "vendors.v.key_encoding: is not used by this scheme",
        ),
    ] {
        let text = entry("https://v.example", azure, fields);
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{azure} {fields}: {error}");
    }
    let valid = entry("https://v.example", "account = 'acme1'", "");
    for (from, to, expected) in [
        ("azure =", "# azure =", "vendors.v.azure: is missing"),
        (
            "'azure_shared_key'",
            "'bearer'",
            "vendors.v.azure: is not used by this scheme",
        ),
    ] {
        let error = parse(&valid.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_key_that_is_not_base64_is_an_error_that_does_not_show_it() {
    let text = entry("https://v.example", "account = 'acme1'", "");
    let config = parse(&text.replace("c2VjcmV0", "c2VjcmV0!")).unwrap();
    let loaded = config.keyring(Adapter::Tower.transport()).await;
    let error = loaded.unwrap_err().to_string();
    assert!(
        error.contains("vendors.v: the account key is not base64"),
        "{error}"
    );
    assert!(!error.contains("c2Vj"), "{error}");
}
