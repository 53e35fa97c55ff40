//! Keys from Vault, through both transports: what is requested, and when it is requested again.

mod answers;
mod real;

use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response, StatusCode};
use multi_auth::{Keyring, RequestHead, SecretProblem, Transport, TransportError, UrlProblem};
use multi_auth_config::{
    ConfigProblem, FileSource, LiveKeyring, SecretSource, SourceError, SourceProblem, VaultProblem,
    VaultSource,
};
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::parse;
use super::sources::{Desk, secret_file};
use crate::adapter::Adapter;

const LOCATION: &str = "secret/vendors/reports#api_key";

/// What Vault answers of a secret with these fields.
fn version(fields: &Value) -> ScriptedResponse {
    let metadata = json!({ "deletion_time": "", "destroyed": false, "version": 1 });
    ScriptedResponse::default().with_json(&json!({
        "request_id": "r-1", "lease_id": "", "renewable": false, "lease_duration": 0,
        "data": { "data": fields, "metadata": metadata },
    }))
}

fn status(code: u16) -> ScriptedResponse {
    let refusal = json!({ "errors": ["canary"] });
    ScriptedResponse::new(StatusCode::from_u16(code).unwrap()).with_json(&refusal)
}

/// A Vault, and the file that holds its token.
struct Rig {
    server: ScriptedServer,
    folder: TempDir,
}

impl Rig {
    async fn start() -> Self {
        let rig = Self {
            server: ScriptedServer::start().await.unwrap(),
            folder: tempfile::tempdir().unwrap(),
        };
        rig.put_token("t-1\n");
        rig
    }

    fn put_token(&self, token: &str) -> FileSource {
        FileSource::new(secret_file(&self.folder, "token", token))
    }

    fn source(&self, transport: Arc<dyn Transport>) -> VaultSource {
        let token = FileSource::new(self.folder.path().join("token"));
        VaultSource::new(transport, self.server.url(), token, LOCATION).unwrap()
    }

    fn config(&self, more: &str) -> String {
        format!(
            "[vault]\nurl = '{}'\ntoken = {{ file = '{}' }}\n{more}\n\
             [vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ vault = '{LOCATION}' }}",
            self.server.url(),
            self.folder.path().join("token").display(),
        )
    }

    fn last(&self) -> RecordedRequest {
        self.server.requests().pop().unwrap()
    }
}

async fn problem(source: &VaultSource) -> VaultProblem {
    let error = source.read().await.unwrap_err();
    let shown = format!("{error} {error:?} {source:?}");
    assert!(
        !shown.contains("canary") && !shown.contains("t-1"),
        "{shown}"
    );
    vault_problem(&error)
}

fn vault_problem(error: &SourceError) -> VaultProblem {
    match error.problem() {
        SourceProblem::Vault(problem) => problem.clone(),
        other => panic!("{other:?}"),
    }
}

/// The `Authorization` that a request to the vendor gets.
async fn sent(keyring: &Keyring) -> String {
    let (mut parts, ()) = Request::get("https://v.example/")
        .body(())
        .unwrap()
        .into_parts();
    let credential = keyring.authenticate(&RequestHead::from_parts(&parts)).await;
    credential.unwrap().attach(&mut parts).unwrap();
    parts.headers["authorization"].to_str().unwrap().to_owned()
}

on_each_adapter! {
    async fn a_key_is_read_with_the_requests_of_vaults_client(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.server.respond_with(|_| version(&json!({ "api_key": "k-1\n", "other": 7 })));
        let config = parse(&rig.config("")).unwrap();
        let keyring = config.keyring(adapter.transport()).await.unwrap();
        assert_eq!(sent(&keyring).await, "Bearer k-1");
        let asked = rig.last();
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("GET", "/v1/secret/data/vendors/reports"));
        assert_eq!(asked.header("x-vault-token"), Some("t-1"));
        assert_eq!(asked.header("x-vault-request"), Some("true"));
        assert_eq!(asked.header("accept"), Some("application/json"));
        assert_eq!(asked.header("x-vault-namespace"), None);
        assert_eq!((asked.query.as_deref(), asked.body.len()), (None, 0));
    }

    async fn a_replaced_token_file_is_read(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.server.respond_with(|_| version(&json!({ "api_key": "k-1" })));
        let source = rig.source(adapter.transport());
        for token in ["t-1", "t-2"] {
            rig.put_token(token);
            assert_eq!(source.read().await.unwrap().expose_secret(), "k-1");
            assert_eq!(rig.last().header("x-vault-token"), Some(token));
        }
        rig.put_token("canary\tcanary");
        assert_eq!(problem(&source).await, VaultProblem::Token(SecretProblem::ControlCharacter));
        std::fs::remove_file(rig.folder.path().join("token")).unwrap();
        let error = source.read().await.unwrap_err();
        assert_eq!(*error.problem(), SourceProblem::Missing);
        assert!(error.to_string().starts_with("Vault's token: the file in /"), "{error}");
    }

    async fn a_newer_version_is_used_at_the_next_read(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.server.push(version(&json!({ "api_key": "k-1" })));
        let config = parse(&rig.config("")).unwrap();
        let live: LiveKeyring = config.live_keyring(adapter.transport()).await.unwrap();
        rig.server.push(version(&json!({ "api_key": "k-2" })));
        assert!(live.refresh().await.is_empty());
        assert_eq!(sent(live.keyring()).await, "Bearer k-2");

        rig.server.push(status(503));
        let errors = live.refresh().await;
        let ConfigProblem::Secret(error) = errors[0].problem() else { panic!("{errors:?}") };
        assert_eq!(vault_problem(error), VaultProblem::Sealed);
        assert_eq!(sent(live.keyring()).await, "Bearer k-2");
    }

    async fn namespace_mount_and_a_path_before_the_api_are_sent_as_they_are_meant(adapter: Adapter) {
        let rig = Rig::start().await;
        rig.server.respond_with(|_| version(&json!({ "a#b": "k-1" })));
        for (mount, location, path) in [
            (None, "kv/a b/c?d%2f#a#b", "/base/v1/kv/data/a%20b/c%3Fd%252f"),
            (Some("kv/team"), "kv/team/reports#a#b", "/base/v1/kv/team/data/reports"),
        ] {
            let url = format!("{}/base/", rig.server.url());
            let source = VaultSource::new(adapter.transport(), &url, rig.put_token("t-1"), location);
            let mut source = source.unwrap().with_namespace("team/reports").unwrap();
            if let Some(mount) = mount {
                source = source.with_mount(mount).unwrap();
            }
            assert_eq!(source.read().await.unwrap().expose_secret(), "k-1");
            assert_eq!(rig.last().path, path);
            assert_eq!(rig.last().header("x-vault-namespace"), Some("team/reports"));
        }
        let config = parse(&rig.config("mount = 'secret/vendors'\nnamespace = 'team'")).unwrap();
        assert!(config.keyring(adapter.transport()).await.is_err());
        assert_eq!(rig.last().path, "/v1/secret/vendors/data/reports");
        assert_eq!(rig.last().header("x-vault-namespace"), Some("team"));
    }
}

/// A transport that never gets an answer.
#[derive(Debug)]
struct Late;

#[async_trait]
impl Transport for Late {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        Err(TransportError::timeout())
    }
}

#[test]
fn an_invalid_location_is_an_error_at_construction() {
    let source = |url: &str, location: &str| {
        let token = FileSource::new("/run/secrets/vault-token");
        VaultSource::new(Arc::new(Late), url, token, location)
    };
    for (url, expected) in [
        ("http://vault.example", UrlProblem::PlainHttp),
        ("vault.example:8200", UrlProblem::Scheme),
        ("https://u:canary@vault.example", UrlProblem::Userinfo),
        ("https://vault.example/?canary", UrlProblem::Query),
    ] {
        let error = source(url, LOCATION).unwrap_err();
        assert_eq!(vault_problem(&error), VaultProblem::Url(expected), "{url}");
    }
    let right = "https://vault.example:8200";
    let error = source(right, "hvs.canary").unwrap_err();
    assert_eq!(vault_problem(&error), VaultProblem::Location);
    for namespace in ["", "a//b", "/a", "../a", "a b", "ü", "a\n"] {
        let error = source(right, LOCATION)
            .unwrap()
            .with_namespace(namespace)
            .unwrap_err();
        assert_eq!(vault_problem(&error), VaultProblem::Path, "{namespace}");
    }
    let error = source(right, LOCATION)
        .unwrap()
        .with_mount("kv/team")
        .unwrap_err();
    assert_eq!(vault_problem(&error), VaultProblem::Path);
}

#[tokio::test]
async fn the_token_can_come_from_a_source_of_the_program() {
    let rig = Rig::start().await;
    rig.server.push(version(&json!({ "api_key": "k-1" })));
    let text = format!(
        "[vault]\nurl = '{}'\ntoken = {{ own = 'desk' }}\n\
         [vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ vault = '{LOCATION}' }}",
        rig.server.url()
    );
    let config = parse(&text).unwrap();
    let transport = Adapter::Reqwest.transport();
    let missing = config.vendors()[0].read_secret(&transport).await;
    let missing = missing.unwrap_err().to_string();
    assert!(
        missing.contains("Vault's token") && missing.contains("with_source"),
        "{missing}"
    );
    assert!(config.clone().with_source("desck", Desk("t-own")).is_err());
    let config = config.with_source("desk", Desk("t-own")).unwrap();
    let secret = config.vendors()[0].read_secret(&transport).await.unwrap();
    assert_eq!(secret.expose_secret(), "k-1");
    let sent = rig.server.requests().pop().unwrap();
    assert_eq!(sent.header("x-vault-token"), Some("t-own"));
}

#[tokio::test]
async fn the_source_of_a_key_is_described_and_each_key_is_read_alone() {
    let rig = Rig::start().await;
    rig.server.push(version(&json!({ "api_key": "k-1" })));
    let more = "[vendors.w]\nurl = 'https://w.example'\nscheme = 'bearer'\nkey";
    let text = rig.config("");
    for (key, expected) in [
        ("env = 'PATH'", "the environment variable PATH"),
        ("env = 'CANARY_KEY'", "the environment variable"),
        ("file = '/bin/sh'", "the file /bin/sh"),
        ("file = '/run/secrets/canary'", "the file"),
        ("command = ['sh', 'canary']", "the command sh"),
        ("command = ['canary']", "the command"),
        ("dangerous_inline = 'canary'", "the configuration itself"),
    ] {
        let config = parse(&format!("{text}\n{more} = {{ {key} }}")).unwrap();
        assert_eq!(config.vendors()[1].origin_of_key(), expected);
    }
    let config = parse(&text).unwrap();
    let vendor = &config.vendors()[0];
    assert_eq!(vendor.origin_of_key(), "the secret in Vault");
    let secret = vendor
        .read_secret(&Adapter::Reqwest.transport())
        .await
        .unwrap();
    assert_eq!(secret.expose_secret(), "k-1");
    let error = vendor
        .read_secret(&(Arc::new(Late) as Arc<dyn Transport>))
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains(vendor.origin_of_key()),
        "{error}"
    );
}
