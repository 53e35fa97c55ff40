//! Logins and OAuth grants against authorization servers of other people, which are known to refuse
//! what is wrong.
//!
//! `.ci/servers DIRECTORY` installs them, and
//! `SERVERS=DIRECTORY cargo test -p multi-auth-cli --test cli -- --ignored servers` runs these
//! tests.

mod agents;
mod authlib;
mod aws;
mod browser;
mod dpop;
mod exchange;
mod grants;
mod login;
mod proxied;
mod refusals;
mod rotations;

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// A running server. It stops when it is dropped.
struct Server {
    issuer: String,
    _process: Child,
    /// The server stops if its output is closed.
    _output: Lines<BufReader<ChildStdout>>,
}

/// The secret of the confidential clients: it tells encoders that differ apart.
const SECRET: &str = "s p/1+%&=:";

impl Server {
    /// `oidc-provider`, a package of npm.
    async fn oidc_provider() -> Self {
        Self::oidc_provider_with_key("").await
    }

    /// The same, with the public key of the client `private-key-jwt`.
    async fn oidc_provider_with_key(public_key: &str) -> Self {
        let mut command = Command::new("node");
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/servers/oidc_provider.mjs"
        );
        command.args([script, &directory(), public_key]);
        Self::start(command).await
    }

    /// Authlib, a Python package.
    async fn authlib() -> Self {
        Self::python("authlib_server.py").await
    }

    /// idpyoidc, a Python package that has token exchange.
    async fn idpyoidc() -> Self {
        Self::python("exchange_server.py").await
    }

    async fn python(script: &str) -> Self {
        let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers");
        let mut command = Command::new("python3");
        command
            .arg(format!("{scripts}/{script}"))
            .env("PYTHONPATH", format!("{}/python", directory()));
        Self::start(command).await
    }

    /// moto, a Python package that checks the signatures of AWS. Its line is JSON.
    async fn moto() -> Self {
        Self::shared("moto_server.py", "moto").await
    }

    /// httpbin, a Python package that returns what it gets.
    async fn httpbin() -> Self {
        Self::shared("httpbin_server.py", "signing").await
    }

    /// A script that other tests use too, with the packages in a directory.
    async fn shared(script: &str, packages: &str) -> Self {
        let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/servers");
        let mut command = Command::new("python3");
        command
            .arg(format!("{scripts}/{script}"))
            .env("PYTHONPATH", format!("{}/{packages}", directory()));
        Self::start(command).await
    }

    async fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        let mut process = command.spawn().expect("the server's program is installed");
        let output = process.stdout.take().unwrap();
        let mut lines = BufReader::new(output).lines();
        let issuer = lines.next_line().await.unwrap().expect("an issuer");
        Self {
            issuer,
            _process: process,
            _output: lines,
        }
    }
}

/// Where the servers are installed.
fn directory() -> String {
    std::env::var("SERVERS").expect("SERVERS names the directory of the servers")
}
