//! The scheme `aws_sigv4`.

use multi_auth_testing::ScriptedServer;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;

fn entry(url: &str, sigv4: &str, secrets: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'aws_sigv4'\nkey = {{ dangerous_inline = 'secret' }}\n\
         sigv4 = {{ {sigv4} }}\n{secrets}"
    )
}

const API: &str = "region = 'eu-central-1', service = 'execute-api', access_key_id = 'AKIDEXAMPLE'";

#[tokio::test]
async fn an_entry_signs_its_requests_through_both_adapters() {
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let server = ScriptedServer::start().await.unwrap();
        let config = parse(&entry(server.url(), API, "")).unwrap();
        let vendor = config.vendor("v").unwrap();
        assert_eq!(vendor.sends(), ["Authorization: AWS4-HMAC-SHA256 ****"]);
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        adapter.client(&keyring).get(server.url()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        let authorization = sent.header("authorization").unwrap();
        assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
        assert!(authorization.contains("/eu-central-1/execute-api/aws4_request"));
        assert_eq!(sent.header("x-amz-security-token"), None);
    }
}

#[tokio::test]
async fn temporary_credentials_change_together_when_their_files_do() {
    let server = ScriptedServer::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let names = ["key", "id", "token"];
    let [key, id, token] = names.map(|name| secret_file(&folder, name, "one"));
    let text = format!(
        "[vendors.v]\nurl = '{}'\nscheme = 'aws_sigv4'\nkey = {{ file = '{}' }}\n\
         sigv4 = {{ region = 'eu-central-1', service = 's3' }}\n\
         secrets = {{ access_key_id = {{ file = '{}' }}, session_token = {{ file = '{}' }} }}",
        server.url(),
        key.display(),
        id.display(),
        token.display(),
    );
    let config = parse(&text).unwrap();
    let live = config
        .live_keyring(Adapter::Tower.transport())
        .await
        .unwrap();
    let client = Adapter::Tower.client(live.keyring());
    for value in ["one", "two"] {
        for path in [&key, &id, &token] {
            write_secret(path, value);
        }
        live.refresh().await;
        client.get(server.url()).await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("x-amz-security-token"), Some(value));
        let authorization = sent.header("authorization").unwrap();
        assert!(
            authorization.contains(&format!("Credential={value}/")),
            "{authorization}"
        );
    }
}

#[test]
fn an_invalid_signature_names_its_field() {
    let table = "region = 'eu-central-1', service = 's3'";
    let env = "{ env = 'X' }";
    for (sigv4, secrets, expected) in [
        (
            table,
            String::new(),
            "vendors.v.sigv4: has no ID of the access key",
        ),
        (
            API,
            format!("secrets = {{ access_key_id = {env} }}"),
            "vendors.v.sigv4: has the ID",
        ),
        (
            API,
            format!("secrets = {{ sessiontoken = {env} }}"),
            "vendors.v.secrets: has a secret that",
        ),
        (
            "region = 's3', service = 'eu-central-1', access_key_id = 'A'",
            String::new(),
            "the region first",
        ),
        (
            "region = 'EU', service = 's3', access_key_id = 'A'",
            String::new(),
            "lower-case",
        ),
        (
            "region = 'a', service = 's3', access_key_id = 'A B'",
            String::new(),
            "access key ID",
        ),
        (
            "region = 'a', service = 's3', accesskey = 'A'",
            String::new(),
            "has an unknown field",
        ),
        (
            API,
            "name = 'x-key'".to_owned(),
            "vendors.v.name: is not used by this scheme",
        ),
    ] {
        let text = entry("https://v.example", sigv4, &secrets);
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{sigv4} {secrets}: {error}");
    }
    let table = "region = 'a', service = 's3'";
    for (sigv4, key, expected) in [
        (
            format!("{table}, credentials = 'environment'"),
            "key = { env = 'X' }",
            "vendors.v.sigv4: has `credentials`, and a key besides",
        ),
        (
            format!("{table}, credentials = 'environment', profile = 'a'"),
            "",
            "has a profile that is not used",
        ),
        (
            format!("{table}, credentials = 'imds'"),
            "",
            "write one of `environment`, `profile`, `web_identity`, `container`, `instance_metadata`",
        ),
    ] {
        let text = entry("https://v.example", &sigv4, "");
        let text = text.replace("key = { dangerous_inline = 'secret' }", key);
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{sigv4}: {error}");
    }
    let missing = entry("https://v.example", API, "").replace("sigv4 =", "# sigv4 =");
    let error = parse(&missing).unwrap_err().to_string();
    assert!(error.contains("vendors.v.sigv4: is missing"), "{error}");
    let other = entry("https://v.example", API, "").replace("'aws_sigv4'", "'bearer'");
    let error = parse(&other).unwrap_err().to_string();
    assert!(
        error.contains("vendors.v.sigv4: is not used by this scheme"),
        "{error}"
    );
}
