//! Real processes that share a file store: one token request, and no refresh token lost to a kill.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use http::{Request, Response};
use multi_auth::oauth::{Client, Grant};
use multi_auth::{TokenEndpoint, TokenSource, TransportError, transport_fn};
use multi_auth_store::{FileStore, SealingKey, StoreKey, StoredAccount, StoredTokens};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::server::Server;

const KEY: &str = "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=";
const DIRECTORY: &str = "MULTI_AUTH_TEST_DIRECTORY";
const ENDPOINT: &str = "MULTI_AUTH_TEST_ENDPOINT";
const TOKENS: &str = "MULTI_AUTH_TEST_TOKENS";

/// A process that sends no token request in this time has failed.
const LIMIT: Duration = Duration::from_secs(60);

fn account(directory: &Path) -> StoredAccount {
    let key = SealingKey::from_base64(KEY).unwrap();
    let store = FileStore::open(directory, key).unwrap();
    StoredAccount::new(store, StoreKey::new("example", "ada").unwrap())
}

/// What a child process runs: it requests tokens, and prints each.
#[tokio::test]
#[ignore = "the other tests run it as a process"]
#[allow(clippy::print_stdout, reason = "its parent reads what it prints")]
async fn child() {
    let directory = env::var(DIRECTORY).unwrap();
    let endpoint = env::var(ENDPOINT).unwrap();
    let count: usize = env::var(TOKENS).unwrap().parse().unwrap();
    let transport = transport_fn(|request| async move {
        let response = tokio::task::spawn_blocking(move || send(&request))
            .await
            .unwrap();
        response.map_err(TransportError::connection)
    });
    let endpoint = TokenEndpoint::builder(&endpoint, transport).unwrap();
    let client = Client::public("app").unwrap();
    let source = account(directory.as_ref())
        .refreshing(|tokens| endpoint.grant(Grant::refresh_token(tokens), client).build());
    for _ in 0..count {
        let token = source.token().await.unwrap();
        println!("token {}", token.value().expose_secret());
    }
}

/// Sends a request with HTTP/1.0, so that the response ends with the connection.
fn send(request: &Request<Vec<u8>>) -> std::io::Result<Response<Vec<u8>>> {
    let uri = request.uri();
    let mut stream = TcpStream::connect(uri.authority().unwrap().as_str())?;
    let (path, body) = (uri.path(), request.body());
    write!(
        stream,
        "POST {path} HTTP/1.0\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(cut)?;
    let status: u16 = head[9..12].parse().map_err(|_| cut())?;
    Ok(Response::builder()
        .status(status)
        .body(body.into())
        .unwrap())
}

/// Serves token requests on loopback until the test process ends. The receiver gets one message for
/// each response that was sent.
fn serve(server: Arc<Server>) -> (String, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let (sender, responses) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A killed client closes its connection at any point.
            let _ = stream.and_then(|stream| answer(stream, &server));
            // Most tests do not listen.
            let _ = sender.send(());
        }
    });
    (url, responses)
}

fn answer(mut stream: TcpStream, server: &Server) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        // A killed client may have sent half of a line.
        if !line.ends_with('\n') {
            return Ok(());
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (status, body) = server.answer(&String::from_utf8(body).unwrap());
    write!(stream, "HTTP/1.0 {status} \r\n\r\n{body}")
}

fn spawn(directory: &Path, endpoint: &str, tokens: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--ignored", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(ENDPOINT, endpoint)
        .env(TOKENS, tokens.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The tokens that a process printed. A killed one may have printed half of a line.
fn printed(child: Child) -> Vec<String> {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole
        .lines()
        .filter_map(|line| line.strip_prefix("token ").map(str::to_owned))
        .collect()
}

async fn log_in(directory: &Path) -> StoredAccount {
    let account = account(directory);
    let tokens = StoredTokens::default().with_refresh_token("r-0");
    account.replace(&tokens).await.unwrap();
    account
}

#[tokio::test]
async fn eight_processes_share_one_refresh() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("tokens");
    log_in(&path).await;
    let server: Arc<Server> = Arc::default();
    let (endpoint, _responses) = serve(Arc::clone(&server));
    let children: Vec<_> = (0..8).map(|_| spawn(&path, &endpoint, 1)).collect();
    for child in children {
        assert_eq!(printed(child), ["a-1"]);
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn no_refresh_token_is_presented_twice_by_four_processes_that_refresh_without_pause() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("tokens");
    log_in(&path).await;
    let server: Arc<Server> = Arc::default();
    let (endpoint, _responses) = serve(Arc::clone(&server));
    let children: Vec<_> = (0..4).map(|_| spawn(&path, &endpoint, 25)).collect();
    for child in children {
        assert_eq!(printed(child).len(), 25);
    }
    assert_eq!(server.reused(), [""; 0]);
    assert!(
        (25..=100).contains(&server.requests()),
        "{}",
        server.requests()
    );
}

/// After a kill at any moment, the store is whole, and its refresh token is the newest one or the
/// last one that was presented, which the server still accepts.
#[tokio::test]
async fn no_refresh_token_is_lost_to_200_kills() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("tokens");
    let account = log_in(&path).await;
    let server: Arc<Server> = Arc::default();
    let (endpoint, responses) = serve(Arc::clone(&server));
    let mut random = fastrand::Rng::with_seed(7);
    let mut tokens_before_a_kill = 0;
    for _ in 0..200 {
        let mut child = spawn(&path, &endpoint, 1_000_000);
        for _ in 0..random.u8(1..=3) {
            responses.recv_timeout(LIMIT).expect("a token request");
        }
        // The client reads the response, writes the file and renames it in the next milliseconds.
        for _ in 0..random.u32(0..500_000) {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        tokens_before_a_kill += printed(child).len();
        responses.try_iter().for_each(drop);

        let tokens = account.tokens().await.unwrap();
        assert!(tokens.refresh_token().is_some());
    }
    assert_eq!(
        server.reused(),
        [""; 0],
        "the server refused a refresh token"
    );
    assert!(
        tokens_before_a_kill > 0,
        "every process was killed before its first token"
    );

    let last = spawn(&path, &endpoint, 1);
    assert_eq!(printed(last).len(), 1);
    assert_eq!(server.reused(), [""; 0]);
}
