//! The scheme `oauth1`.

use multi_auth_testing::ScriptedServer;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;
use crate::body::TestBody;

fn entry(url: &str, oauth1: &str, fields: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'oauth1'\n\
         key = {{ dangerous_inline = 'consumer secret' }}\noauth1 = {{ {oauth1} }}\n{fields}"
    )
}

const SECRET: &str = "secrets = { token_secret = { env = 'T' } }";

#[tokio::test]
async fn an_entry_signs_its_requests_through_both_adapters() {
    let oauth1 = "consumer_key = 'c-1', token = 't-1', realm = '1234567_SB1', \
                  signature_method = 'HMAC-SHA256', body_hash = true";
    let secrets = "secrets = { token_secret = { dangerous_inline = 'token secret' } }";
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        let config = parse(&entry(server.url(), oauth1, secrets)).unwrap();
        let sends = config.vendor("v").unwrap().sends();
        assert_eq!(sends, ["Authorization: OAuth ****"]);
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        let client = adapter.client(&keyring);
        client
            .post(server.url(), TestBody::whole("abc"))
            .await
            .unwrap();
        let sent = server.requests().pop().unwrap();
        let authorization = sent.header("authorization").unwrap();
        assert!(authorization.starts_with(r#"OAuth realm="1234567_SB1", oauth_nonce=""#));
        for part in [
            r#"oauth_consumer_key="c-1""#,
            r#"oauth_token="t-1""#,
            r#"oauth_signature_method="HMAC-SHA256""#,
            // SHA-256("abc"), by sha256sum.
            r#"oauth_body_hash="ungWv48Bz%2BpBQUDeXa4iI7ADYaOWF3qctBD%2FYfIAFa0%3D""#,
        ] {
            assert!(authorization.contains(part), "{authorization}");
        }
    }
}

#[tokio::test]
async fn without_a_token_the_client_alone_is_named() {
    let server = ScriptedServer::start().await.unwrap();
    let config = parse(&entry(server.url(), "consumer_key = 'c-1'", "")).unwrap();
    let keyring = config.keyring(Adapter::Tower.transport()).await.unwrap();
    let client = Adapter::Tower.client(&keyring);
    client.get(server.url()).await.unwrap();
    let sent = server.requests().pop().unwrap();
    let authorization = sent.header("authorization").unwrap();
    assert!(!authorization.contains("oauth_token"), "{authorization}");
    assert!(authorization.contains(r#"oauth_signature_method="HMAC-SHA1""#));
}

#[tokio::test]
async fn a_token_and_its_secret_change_together_when_their_files_do() {
    let server = ScriptedServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let names = ["consumer", "token", "secret"];
    let [consumer, token, secret] = names.map(|name| secret_file(&folder, name, "one"));
    let secrets = format!(
        "secrets = {{ consumer_key = {{ file = '{}' }}, token = {{ file = '{}' }}, token_secret = {{ file = '{}' }} }}",
        consumer.display(),
        token.display(),
        secret.display(),
    );
    let config = parse(&entry(server.url(), "", &secrets)).unwrap();
    let live = config
        .live_keyring(Adapter::Tower.transport())
        .await
        .unwrap();
    let client = Adapter::Tower.client(live.keyring());
    for value in ["one", "two"] {
        for path in [&consumer, &token, &secret] {
            write_secret(path, value);
        }
        live.refresh().await;
        client.get(server.url()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        let authorization = sent.header("authorization").unwrap();
        for name in ["oauth_consumer_key", "oauth_token"] {
            let expected = format!("{name}=\"{value}\"");
            assert!(authorization.contains(&expected), "{authorization}");
        }
    }
}

#[test]
fn an_invalid_entry_names_its_field() {
    let both = "consumer_key = 'c-1', token = 't-1'";
    for (oauth1, fields, expected) in [
        ("", "", "vendors.v.oauth1: has no consumer key"),
        (both, "", "vendors.v.oauth1: has a token without its secret"),
        (
            "consumer_key = 'c-1'",
            SECRET,
            "vendors.v.secrets.token_secret: belongs to a token",
        ),
        (
            both,
            "secrets = { consumer_key = { env = 'C' }, token_secret = { env = 'T' } }",
            "vendors.v.oauth1.consumer_key: is in `secrets` too",
        ),
        (
            both,
            "secrets = { token = { env = 'C' }, token_secret = { env = 'T' } }",
            "vendors.v.oauth1.token: is in `secrets` too",
        ),
        (
            both,
            "secrets = { tokensecret = { env = 'T' } }",
            "vendors.v.secrets: has a secret that this scheme does not use",
        ),
        (
            "consumer_key = ''",
            "",
            "vendors.v.oauth1.consumer_key: the consumer key",
        ),
        (
            "consumer_key = 'c-1', token = \"t\\n\"",
            SECRET,
            "vendors.v.oauth1.token: the token",
        ),
        (
            "consumer_key = 'c-1', realm = '\"'",
            "",
            "vendors.v.oauth1.realm: the realm",
        ),
        (
            "consumer_key = 'c-1', signature_method = 'RSA-SHA1'",
            "",
            "HMAC-SHA256",
        ),
        ("consumer = 'c-1'", "", "has an unknown field"),
        (
            "consumer_key = 'c-1'",
            "key_id = 'x'",
            "vendors.v.key_id: is not used by this scheme",
        ),
    ] {
        let text = entry("https://v.example", oauth1, fields);
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{oauth1} {fields}: {error}");
    }
    let valid = entry("https://v.example", "consumer_key = 'c-1'", "");
    for (from, to, expected) in [
        ("oauth1 =", "# oauth1 =", "vendors.v.oauth1: is missing"),
        (
            "'oauth1'",
            "'bearer'",
            "vendors.v.oauth1: is not used by this scheme",
        ),
    ] {
        let error = parse(&valid.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
