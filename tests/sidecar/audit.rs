//! Requests while the audit lines are written too slowly.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use multi_auth_proxy::ProxyBuilder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{pause, resume, timeout};

use crate::rig::{Rig, vendor};

/// Notifies that it has lines, and writes nothing before the sender is dropped.
struct Blocked(Arc<Notify>, Receiver<()>);

impl Write for Blocked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.notify_one();
        let _ = self.1.recv();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How many lines may wait for the writer, besides those that it has.
const WAITING: usize = 4096;

async fn send(stream: &mut TcpStream, method: &str) {
    let request = format!("{method} /none HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// The status of the next response.
async fn status(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split_once("\r\n").unwrap().0.parse().unwrap();
    stream.read_exact(&mut vec![0; length]).await.unwrap();
    head.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_request_that_waits_for_the_audit_keeps_its_place_on_its_connection() {
    let (release, blocked) = channel::<()>();
    let has_lines = Arc::new(Notify::new());
    let blocked = Blocked(Arc::clone(&has_lines), blocked);
    let text = vendor("http://127.0.0.1:1");
    let slow = |builder: ProxyBuilder| builder.audit(blocked).unwrap();
    let rig = Rig::build(&text, |settings| settings, slow).await;
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    for sent in 0..=WAITING {
        send(&mut stream, "GET").await;
        assert_eq!(status(&mut stream).await, "404");
        if sent == 0 {
            has_lines.notified().await;
        }
    }
    // These wait.
    send(&mut stream, "GET").await;
    send(&mut stream, "TRACE").await;
    // Time passes at once: that in which a connection is at rest, and not that in which it is idle.
    pause();
    let early = timeout(Duration::from_secs(60), status(&mut stream)).await;
    assert!(early.is_err(), "{early:?}");
    resume();
    drop(release);
    assert_eq!(status(&mut stream).await, "404");
    assert_eq!(status(&mut stream).await, "405");
}
