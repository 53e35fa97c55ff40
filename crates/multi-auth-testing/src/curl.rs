//! Runs the `curl` commands of the vendors' pages in a shell.

use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::{LoopbackServer, RecordedRequest};

/// Sends `bytes`, which are what curl sends for `line`, and returns the status. If the machine has
/// `curl`, it also runs `line`, and requires that both requests are the same.
pub(crate) async fn paste(server: &LoopbackServer, folder: &Path, line: &str, bytes: &str) -> u16 {
    let status = send(server, bytes).await;
    if let Some(curled) = run(folder, line).await {
        let requests = server.requests();
        let [.., raw, printed] = &requests[..] else {
            panic!("two requests, not {requests:?}")
        };
        assert_eq!(essence(raw), essence(printed));
        assert_eq!(status, curled);
    }
    status
}

fn essence(request: &RecordedRequest) -> impl PartialEq + std::fmt::Debug {
    let headers = ["authorization", "content-type"].map(|name| request.header(name));
    (
        &request.method,
        &request.path,
        &request.query,
        headers,
        &request.body,
    )
}

/// The status that `curl` prints. `None` if there is no `curl` or no shell.
async fn run(folder: &Path, line: &str) -> Option<u16> {
    let script = format!(
        "command -v curl >/dev/null || exit 127\n\
         curl() {{ command curl --silent --noproxy '*' --output /dev/null --write-out '%{{http_code}}' \"$@\"; }}\n\
         {line}"
    );
    let mut shell = Command::new("sh");
    let shell = shell
        .arg("-c")
        .arg(script)
        .current_dir(folder)
        .stdin(Stdio::null());
    let output = match shell.output().await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        other => other.unwrap(),
    };
    if output.status.code() == Some(127) {
        return None;
    }
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap().parse().unwrap())
}

/// Sends a request whose lines end in LF here and in CRLF on the wire. Returns the status of the
/// response.
async fn send(server: &LoopbackServer, bytes: &str) -> u16 {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let (head, body) = bytes.split_once("\n\n").unwrap();
    let request = format!(
        "{}\r\nConnection: close\r\n\r\n{body}",
        head.replace('\n', "\r\n")
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
