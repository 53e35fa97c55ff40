//! The proxy with too many callers, without file descriptors, and killed under load.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::{Resource, Signal, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use crate::mcp;
use crate::proxy::{Proxy, Setup};

/// Enough for a machine under load.
const SOON: Duration = Duration::from_secs(60);

/// The private memory of a process, in KiB.
#[cfg(target_os = "linux")]
fn memory(proxy: &Proxy) -> u64 {
    let path = format!("/proc/{}/status", proxy.child.id().unwrap());
    let status = std::fs::read_to_string(path).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("RssAnon:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Callers that have sent the beginning of a request, and send no more.
async fn slow_callers(url: &str, count: u64) -> Vec<TcpStream> {
    let address = url.strip_prefix("http://").unwrap();
    let mut callers = Vec::new();
    for _ in 0..count {
        let mut caller = TcpStream::connect(address).await.unwrap();
        caller
            .write_all(b"GET /v/slow HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
            .await
            .unwrap();
        callers.push(caller);
    }
    callers
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[expect(clippy::print_stdout, reason = "the count is a result of the run")]
async fn slow_callers_take_bounded_memory_and_do_not_stop_others() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let setup = Setup::new().await;
    let (proxy, url) = setup.start().await;
    let open_files = limit.maximum.unwrap_or(u64::MAX);
    // The proxy keeps a half of its descriptors for the connections to vendors.
    let count = 10_000.min(open_files.saturating_sub(200) / 2);
    let before = memory(&proxy);
    let callers = slow_callers(&url, count).await;
    let status = timeout(SOON, setup.get(&format!("{url}/v/x")))
        .await
        .unwrap();
    assert_eq!(status, 200);
    let each = memory(&proxy).saturating_sub(before) / count;
    println!("{count} slow callers: {each} KiB each");
    assert!(each < 32, "{each} KiB");
    drop(callers);
    assert_eq!(setup.get(&format!("{url}/v/x")).await, 200);
}

#[tokio::test]
async fn callers_wait_while_there_are_no_descriptors() {
    let setup = Setup::new().await;
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n 100; exec \"$0\" proxy --audit audit.jsonl"])
        .arg(env!("CARGO_BIN_EXE_multi-auth"))
        .current_dir(setup.home.path(""))
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut proxy = Proxy::of(command.spawn().unwrap());
    let url = proxy.until("listening at ").await;
    let mut callers = slow_callers(&url, 200).await;
    // Those that were accepted get their responses. Another one waits until there is a place.
    let url = format!("{url}/v/x");
    let waiting = setup.get(&url);
    tokio::pin!(waiting);
    for caller in &mut callers[..2] {
        tokio::select! {
            biased;
            status = &mut waiting => panic!("{status}"),
            response = timeout(SOON, end(caller, setup.token.expose())) => {
                let response = response.unwrap();
                assert!(response.starts_with("HTTP/1.1 200"), "{response}");
            }
        }
    }
    drop(callers);
    assert_eq!(timeout(SOON, waiting).await.unwrap(), 200);
}

#[tokio::test]
async fn agents_wait_while_others_have_all_places() {
    let setup = mcp::Setup::new().await;
    let (_program, url) = setup.serve().await;
    // There are 256 places.
    let mut agents = slow_callers(url.trim_end_matches("/mcp"), 300).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let waiting = client.get(&url).send();
    tokio::pin!(waiting);
    for agent in &mut agents[..2] {
        tokio::select! {
            biased;
            response = &mut waiting => panic!("{response:?}"),
            response = timeout(SOON, end(agent, "none")) => {
                let response = response.unwrap();
                assert!(response.starts_with("HTTP/1.1 401"), "{response}");
            }
        }
    }
    drop(agents);
    let response = timeout(SOON, waiting).await.unwrap().unwrap();
    assert_eq!(response.status(), 401);
}

/// Sends the rest of a slow caller's request, and returns the response.
async fn end(caller: &mut TcpStream, token: &str) -> String {
    let rest = format!("x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n");
    caller.write_all(rest.as_bytes()).await.unwrap();
    let mut response = String::new();
    caller.read_to_string(&mut response).await.unwrap();
    response
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_proxy_that_is_killed_under_load_fails_only_the_requests_under_way() {
    let setup = Setup::new().await;
    let url = format!("http://{}/v/x", setup.at_a_fixed_port());
    let mut old = setup.start_beside().await;
    // The phase is odd from a kill until the process has ended.
    let (sent, phase, is_over) = (
        AtomicUsize::new(0),
        AtomicUsize::new(0),
        AtomicBool::new(false),
    );
    let load = async || {
        while !is_over.load(Ordering::Relaxed) {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.get(&url).bearer_auth(setup.token.expose());
            let start = phase.load(Ordering::Relaxed);
            match request.send().await {
                Ok(response) => assert_eq!(response.status(), 200),
                Err(error) => {
                    let is_killed = start % 2 == 1 || phase.load(Ordering::Relaxed) != start;
                    assert!(is_killed, "{error:?}");
                }
            }
            sent.fetch_add(1, Ordering::Relaxed);
        }
    };
    let kills = async {
        for kill in 0..5 {
            let new = setup.start_beside().await;
            phase.fetch_add(1, Ordering::Relaxed);
            old.signal(Signal::KILL);
            old.child.wait().await.unwrap();
            phase.fetch_add(1, Ordering::Relaxed);
            old = new;
            let enough = (kill + 1) * 40;
            while sent.load(Ordering::Relaxed) < enough {
                tokio::task::yield_now().await;
            }
        }
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(load(), load(), load(), load(), kills);
    for request in setup.server.requests() {
        assert_eq!(
            request.header("authorization"),
            Some("Bearer first-key-123")
        );
    }
}
