//! The scheme `digest`.

use http::StatusCode;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use super::parse;
use crate::adapter::Adapter;

fn entry(url: &str, fields: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'digest'\nkey = {{ dangerous_inline = 'secret' }}\n{fields}"
    )
}

#[tokio::test]
async fn an_entry_answers_the_challenge_through_both_adapters() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        let challenge = r#"Digest realm="r", nonce="n", qop="auth-int", algorithm=SHA-256"#;
        let refusal = ScriptedResponse::new(StatusCode::UNAUTHORIZED);
        server.push(refusal.with_header("www-authenticate", challenge).unwrap());
        let text = entry(
            server.url(),
            "user = 'admin'\ndigest = { integrity = true }",
        );
        let config = parse(&text).unwrap();
        assert_eq!(
            config.vendor("v").unwrap().sends(),
            ["Authorization: Digest ****"]
        );
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        adapter.client(&keyring).get(server.url()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        let authorization = sent.header("authorization").unwrap();
        assert!(authorization.starts_with(r#"Digest username="admin", realm="r""#));
        assert!(authorization.ends_with("qop=auth-int"), "{authorization}");
    }
}

#[test]
fn an_invalid_entry_names_its_field() {
    for (fields, expected) in [
        ("", "vendors.v.user: is missing"),
        ("user = 'a:b'", "vendors.v.user: has a colon"),
        (
            "user = 'a'\npassword = 'x'",
            "vendors.v.password: is not used by this scheme",
        ),
        (
            "user = 'a'\ndigest = { md5 = true }",
            "has an unknown field",
        ),
        (
            "user = 'a'\nrefused_if = [{ status = [403] }]",
            "vendors.v.refused_if: is not used by this scheme",
        ),
    ] {
        let error = parse(&entry("https://v.example", fields))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{fields}: {error}");
    }
    let other =
        entry("https://v.example", "digest = { integrity = true }").replace("'digest'", "'bearer'");
    let error = parse(&other).unwrap_err().to_string();
    assert!(
        error.contains("vendors.v.digest: is not used by this scheme"),
        "{error}"
    );
}

#[tokio::test]
async fn md5_is_answered_only_if_the_entry_says_so() {
    let challenge = r#"Digest realm="r", nonce="n", qop="auth""#;
    for (table, requests) in [("", 1), ("digest = { dangerous_md5 = true }", 2)] {
        let server = ScriptedServer::start().await.unwrap();
        let refusal = ScriptedResponse::new(StatusCode::UNAUTHORIZED);
        server.push(refusal.with_header("www-authenticate", challenge).unwrap());
        let config = parse(&entry(server.url(), &format!("user = 'a'\n{table}"))).unwrap();
        let keyring = config.keyring(Adapter::Tower.transport()).await.unwrap();
        let answer = Adapter::Tower.client(&keyring).get(server.url()).await;
        assert_eq!(
            (answer.is_ok(), server.request_count()),
            (requests == 2, requests)
        );
    }
}
