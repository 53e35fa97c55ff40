//! WebSocket: the connection becomes one of bytes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{KEY, Rig, vendor};

const ACCEPTED: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n";

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}

#[tokio::test]
async fn a_websocket_passes_bytes_both_ways() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rig = Rig::of(&vendor(&format!(
        "http://{}",
        listener.local_addr().unwrap()
    )))
    .await;
    let mut caller = TcpStream::connect(rig.address()).await.unwrap();
    let request = format!(
        "GET /v/socket HTTP/1.1\r\nhost: {}\r\nconnection: keep-alive, Upgrade\r\n\
         upgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         authorization: Bearer {}\r\n\r\n",
        rig.address(),
        rig.token
    );
    caller.write_all(request.as_bytes()).await.unwrap();
    let (mut vendor, _) = listener.accept().await.unwrap();
    let asked = head(&mut vendor).await;
    assert!(
        asked.contains("upgrade: websocket") && asked.contains("connection: upgrade"),
        "{asked}"
    );
    assert!(
        asked.contains(KEY) && asked.contains("sec-websocket-key"),
        "{asked}"
    );
    vendor.write_all(ACCEPTED).await.unwrap();
    let answered = head(&mut caller).await;
    assert!(answered.starts_with("http/1.1 101"), "{answered}");
    assert!(answered.contains("upgrade: websocket"), "{answered}");
    let mut bytes = [0; 5];
    caller.write_all(b"hello").await.unwrap();
    vendor.read_exact(&mut bytes).await.unwrap();
    vendor.write_all(b"world").await.unwrap();
    caller.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"world");
    assert_eq!(rig.audit_text(), "", "the request has not ended");
    drop(caller);
    assert_eq!(vendor.read(&mut bytes).await.unwrap(), 0);
    drop(vendor);
    let line = &rig.audit(1).await[0];
    assert_eq!((&line["status"], &line["bytes"]), (&101.into(), &5.into()));
}

#[tokio::test]
async fn a_vendor_cannot_change_the_protocol_unasked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rig = Rig::of(&vendor(&format!(
        "http://{}",
        listener.local_addr().unwrap()
    )))
    .await;
    let respond = async {
        let (mut vendor, _) = listener.accept().await.unwrap();
        let asked = head(&mut vendor).await;
        vendor.write_all(ACCEPTED).await.unwrap();
        (vendor, asked)
    };
    // Only WebSocket is passed on.
    let request = rig
        .get("/v/x")
        .header("connection", "upgrade")
        .header("upgrade", "h2c");
    let (response, (_vendor, asked)) = tokio::join!(request.send(), respond);
    assert!(!asked.contains("upgrade"), "{asked}");
    assert_eq!(response.unwrap().status(), 502);
}
