//! The scheme `http_signature`.

use multi_auth_testing::ScriptedServer;

use super::parse;
use crate::adapter::Adapter;

/// The key of RFC 8037, A.1.
const JWK: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn entry(url: &str, fields: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'http_signature'\nkey = {{ dangerous_inline = '{JWK}' }}\n\
         algorithm = 'EdDSA'\n{fields}"
    )
}

#[tokio::test]
async fn an_entry_signs_its_requests_through_both_adapters() {
    let table = "components = ['@method', '@target-uri'], optional_components = ['x-a'], label = 'l', \
        tag = 't', expires_after = '5m', nonce = true, algorithm_parameter = true";
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        let fields = format!("key_id = 'k-1'\nhttp_signature = {{ {table} }}");
        let config = parse(&entry(server.url(), &fields)).unwrap();
        assert_eq!(config.vendor("v").unwrap().sends(), ["Signature: ****"]);
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        adapter.client(&keyring).get(server.url()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        let input = sent.header("signature-input").unwrap();
        assert!(
            input.starts_with(r#"l=("@method" "@target-uri");created="#),
            "{input}"
        );
        for part in [
            r#";keyid="k-1""#,
            r#";alg="ed25519""#,
            ";expires=",
            ";nonce=",
            r#";tag="t""#,
        ] {
            assert!(input.contains(part), "{input}");
        }
        assert!(sent.header("signature").unwrap().starts_with("l=:"));
    }
}

#[tokio::test]
async fn a_web_bot_names_its_agent() {
    let server = ScriptedServer::start().await.unwrap();
    let fields = "http_signature = { signature_agent = 'https://bot.example.com' }";
    let config = parse(&entry(server.url(), fields)).unwrap();
    let keyring = config.keyring(Adapter::Tower.transport()).await.unwrap();
    Adapter::Tower
        .client(&keyring)
        .get(server.url())
        .await
        .unwrap();
    let sent = server.requests().pop().unwrap();
    assert_eq!(
        sent.header("signature-agent"),
        Some(r#"sig1="https://bot.example.com""#)
    );
    assert!(
        sent.header("signature-input")
            .unwrap()
            .ends_with(r#"tag="web-bot-auth""#)
    );
}

#[test]
fn an_invalid_entry_names_its_field() {
    for (fields, expected) in [
        (
            "http_signature = { label = 'L' }",
            "vendors.v.http_signature",
        ),
        (
            "http_signature = { components = ['@status'] }",
            "vendors.v.http_signature",
        ),
        (
            "http_signature = { signature_agent = 'http://a' }",
            "vendors.v.http_signature",
        ),
        (
            "http_signature = { expires_after = 'soon' }",
            "vendors.v.http_signature.expires_after",
        ),
        (
            "http_signature = { created = true }",
            "has an unknown field",
        ),
        (
            "key_encoding = 'hex'",
            "vendors.v.key_encoding: is used with HS256 only",
        ),
        ("name = 'x'", "vendors.v.name: is not used by this scheme"),
    ] {
        let error = parse(&entry("https://v.example", fields))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{fields}: {error}");
    }
    let other = entry("https://v.example", "").replace("'EdDSA'", "'PS256'");
    let error = parse(&other).unwrap_err().to_string();
    assert!(
        error.contains("vendors.v.algorithm: is not an algorithm of HTTP message"),
        "{error}"
    );
}
