//! Keys out of a real server, which speaks Vault's protocol. `VAULT_SERVER` names its program.

use std::net::TcpListener;
use std::process::Stdio;
use std::sync::Arc;

use http::Request;
use multi_auth::Transport;
use multi_auth_config::{ConfigProblem, SourceProblem, VaultProblem};
use multi_auth_reqwest::ReqwestTransport;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::config::parse;
use crate::config::sources::secret_file;

const ROOT: &str = "root-of-the-test";

struct Server {
    url: String,
    transport: Arc<dyn Transport>,
    folder: TempDir,
    _process: Child,
    /// A process that writes to a closed pipe is killed.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Server {
    async fn start() -> Self {
        let program = std::env::var("VAULT_SERVER").expect("VAULT_SERVER names a server's program");
        // It does not say which port it got, so it is given one that was free a moment ago.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-listen-address={address}"))
            .arg(format!("-dev-root-token-id={ROOT}"))
            .env("HOME", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("server started") {
                break;
            }
        }
        Self {
            url: format!("http://{address}"),
            transport: Arc::new(ReqwestTransport::new().unwrap()),
            folder,
            _process: process,
            _output: lines,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: &Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/v1/{path}", self.url))
            .header("x-vault-token", ROOT)
            .body(body.to_string().into_bytes());
        let answer = self.transport.send(request.unwrap()).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {answer:?}");
    }

    /// The key at `location`, read with `token`.
    async fn read(&self, token: &str, location: &str) -> Result<String, VaultProblem> {
        let token = secret_file(&self.folder, "token", token);
        let config = parse(&format!(
            "[vault]\nurl = '{}'\ntoken = {{ file = '{}' }}\n\
             [vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ vault = '{location}' }}",
            self.url,
            token.display()
        ));
        let config = config.unwrap();
        let secret = config.vendors()[0].read_secret(&self.transport).await;
        match secret {
            Ok(secret) => Ok(secret.expose_secret().to_owned()),
            Err(error) => match error.problem() {
                ConfigProblem::Secret(error) => match error.problem() {
                    SourceProblem::Vault(problem) => Err(problem.clone()),
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            },
        }
    }
}

#[tokio::test]
#[ignore = "needs a server's program: VAULT_SERVER=... cargo test -- --ignored"]
async fn a_real_server_returns_the_key_and_each_failure_has_its_problem() {
    let server = Server::start().await;
    let fields = json!({ "data": { "api_key": "k-1", "number": 1 } });
    server
        .ask("POST", "secret/data/vendors/reports", &fields)
        .await;
    let key = "secret/vendors/reports#api_key";
    assert_eq!(server.read(ROOT, key).await, Ok("k-1".to_owned()));

    let fields = json!({ "data": { "api_key": "k-2", "number": 1 } });
    server
        .ask("POST", "secret/data/vendors/reports", &fields)
        .await;
    assert_eq!(server.read(ROOT, key).await, Ok("k-2".to_owned()));

    for (token, location, expected) in [
        (ROOT, "secret/vendors/reports#other", VaultProblem::NoField),
        (ROOT, "secret/vendors/reports#number", VaultProblem::NotText),
        (ROOT, "secret/vendors/none#api_key", VaultProblem::NotFound),
    ] {
        assert_eq!(
            server.read(token, location).await,
            Err(expected),
            "{location}"
        );
    }

    let refused = server.read("no-such-token", key).await;
    assert!(
        matches!(refused, Err(VaultProblem::Forbidden { .. })),
        "{refused:?}"
    );

    server
        .ask("DELETE", "secret/data/vendors/reports", &Value::Null)
        .await;
    assert_eq!(server.read(ROOT, key).await, Err(VaultProblem::Deleted));
}
