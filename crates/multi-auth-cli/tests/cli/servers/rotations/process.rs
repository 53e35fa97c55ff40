//! A process that refreshes a login again and again. It asks on its output before each token
//! request, and waits for a line on its input.

#![allow(clippy::print_stdout, reason = "the other test reads what it prints")]

use std::env;
use std::process::Stdio;
use std::sync::Arc;

use multi_auth::oauth::{Client, Grant};
use multi_auth::{TokenEndpoint, TokenSource, Transport, transport_fn};
use multi_auth_reqwest::ReqwestTransport;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines, stdin};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use super::account;

const ISSUER: &str = "ROTATIONS_ISSUER";
const PORT: &str = "ROTATIONS_REDIS_PORT";

/// What a process says.
pub(super) enum Line {
    Asks,
    Rotated,
    Failed(String),
}

pub(super) struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    pub(super) fn start(issuer: &str, port: u16) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "servers::rotations::process::refreshes"])
            .args(["--ignored", "--nocapture"])
            .env(ISSUER, issuer)
            .env(PORT, port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            child,
            input,
            output,
        }
    }

    pub(super) async fn line(&mut self) -> Option<Line> {
        while let Some(line) = self.output.next_line().await.unwrap() {
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("asks", _) => return Some(Line::Asks),
                ("rotated", _) => return Some(Line::Rotated),
                ("failed", error) => return Some(Line::Failed(error.to_owned())),
                _ => {}
            }
        }
        None
    }

    pub(super) async fn go(&mut self) {
        let _ = self.input.write_all(b"go\n").await;
    }

    pub(super) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }
}

/// The transport of a process, which asks before each request.
fn asking() -> impl Transport {
    let transport = Arc::new(ReqwestTransport::new().unwrap());
    let input = Arc::new(Mutex::new(BufReader::new(stdin()).lines()));
    transport_fn(move |request| {
        let (transport, input) = (Arc::clone(&transport), Arc::clone(&input));
        async move {
            println!("asks");
            let answer = input.lock().await.next_line().await;
            assert_eq!(answer.unwrap().as_deref(), Some("go"));
            transport.send(request).await
        }
    })
}

#[tokio::test]
#[ignore = "another test runs it as a process"]
async fn refreshes() {
    let Ok(issuer) = env::var(ISSUER) else {
        return;
    };
    let port = env::var(PORT).unwrap().parse().unwrap();
    let endpoint = TokenEndpoint::builder(&format!("{issuer}/token"), asking()).unwrap();
    let client = Client::public("terminal").unwrap();
    let endpoint = endpoint.dangerous_without_endpoint_limit();
    let source = account(port)
        .refreshing(|tokens| endpoint.grant(Grant::refresh_token(tokens), client).build());
    loop {
        match source.token().await {
            Ok(_) => println!("rotated"),
            Err(error) => println!("failed {error}"),
        }
    }
}
