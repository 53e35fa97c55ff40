//! Bodies pass as they arrive, both ways.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{Rig, client, vendor};

/// A proxy for a server, and that server's listener.
async fn rig() -> (Rig, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (Rig::of(&vendor(&url)).await, listener)
}

/// Reads until `end` has arrived.
async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.contains(end) {
        let mut part = [0; 4096];
        let length = stream.read(&mut part).await.unwrap();
        assert_ne!(length, 0, "{text}");
        text.push_str(str::from_utf8(&part[..length]).unwrap());
    }
    text
}

/// A response whose first event has been sent, and the vendor's side of its connection.
async fn events(rig: &Rig, listener: &TcpListener) -> (reqwest::Response, TcpStream) {
    let respond = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_to(&mut stream, "\r\n\r\n").await;
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n";
        stream.write_all(head).await.unwrap();
        stream
    };
    let (response, stream) = tokio::join!(rig.get("/v/events").send(), respond);
    (response.unwrap(), stream)
}

#[tokio::test]
async fn events_arrive_one_by_one() {
    let (rig, listener) = rig().await;
    let (mut response, mut stream) = events(&rig, &listener).await;
    assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 1\n\n");
    // The second is sent only after the first has arrived.
    stream.write_all(b"data: 2\n\n").await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap(), "data: 2\n\n");
    drop(stream);
    assert_eq!(response.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn a_caller_that_goes_away_ends_the_request_at_the_vendor() {
    let (rig, listener) = rig().await;
    let (response, mut stream) = events(&rig, &listener).await;
    drop(response);
    let mut rest = [0; 16];
    let end = stream.read(&mut rest).await;
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    assert_eq!(rig.audit(1).await[0]["complete"], false);
}

#[tokio::test]
async fn an_upload_arrives_before_it_has_ended() {
    let (rig, listener) = rig().await;
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    let body = http_body_util::StreamBody::new(Received(receiver));
    let body = reqwest::Body::wrap(body);
    let request = tokio::spawn(
        rig.request(http::Method::PUT, "/v/upload")
            .body(body)
            .send(),
    );
    sender.send("first".into()).await.unwrap();
    let (mut stream, _) = listener.accept().await.unwrap();
    let head = read_to(&mut stream, "first").await;
    assert!(
        head.to_ascii_lowercase()
            .contains("transfer-encoding: chunked"),
        "{head}"
    );
    sender.send("second".into()).await.unwrap();
    read_to(&mut stream, "second").await;
    drop(sender);
    read_to(&mut stream, "0\r\n\r\n").await;
    stream
        .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(request.await.unwrap().unwrap().status(), 201);
}

struct Received(tokio::sync::mpsc::Receiver<Bytes>);

impl futures_util::Stream for Received {
    type Item = Result<http_body::Frame<Bytes>, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0
            .poll_recv(cx)
            .map(|chunk| chunk.map(|chunk| Ok(http_body::Frame::data(chunk))))
    }
}

#[tokio::test]
async fn a_caller_that_does_not_read_stops_the_vendor_from_sending() {
    let (rig, listener) = rig().await;
    let respond = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_to(&mut stream, "\r\n\r\n").await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        stream
    };
    let (response, stream) = tokio::join!(rig.get("/v/endless").send(), respond);
    // The buffers of four sockets and of the proxy fill, and then no byte more is taken.
    let chunk = vec![b'x'; 64 * 1024];
    let mut taken = 0;
    let mut idle = 0;
    while idle < 20_000 {
        match stream.try_write(&chunk) {
            Ok(length) => (taken, idle) = (taken + length, 0),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                idle += 1;
                tokio::task::yield_now().await;
            }
        }
        assert!(taken < 64 * 1024 * 1024, "the proxy buffers {taken} bytes");
    }
    drop(response.unwrap());
}

#[tokio::test]
async fn a_request_without_a_body_has_none_at_the_vendor() {
    let (rig, listener) = rig().await;
    let respond = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = read_to(&mut stream, "\r\n\r\n").await.to_ascii_lowercase();
        stream
            .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
            .await
            .unwrap();
        head
    };
    let request = client()
        .get(format!("{}/v/x", rig.url))
        .bearer_auth(&rig.token);
    let request = request
        .header("connection", "x-hop, keep-alive")
        .header("x-hop", "1");
    let request = request
        .header("expect", "100-continue")
        .header("keep-alive", "5");
    let (response, head) = tokio::join!(request.send(), respond);
    assert_eq!(response.unwrap().status(), 204);
    for absent in [
        "content-length",
        "transfer-encoding",
        "x-hop",
        "expect",
        "keep-alive",
    ] {
        assert!(!head.contains(absent), "{head}");
    }
    assert!(head.contains("via: 1.1 multi-auth"), "{head}");
}

#[tokio::test]
async fn a_body_that_still_arrives_is_sent_again_whole_after_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let rig = Rig::of(&format!(
        "[vendors.v]\nscheme = \"token_endpoint\"\nurl = \"{url}\"\n\
         key = {{ dangerous_inline = \"key-of-the-vendor\" }}\n\
         [vendors.v.token_endpoint]\nurl = \"{url}/token\"\nformat = \"json\"\nkey_field = \"key\"\n"
    ))
    .await;
    let mut caller = TcpStream::connect(rig.address()).await.unwrap();
    let head = format!(
        "POST /v/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\nauthorization: {}\r\n\r\nfirst",
        rig.token
    );
    caller.write_all(head.as_bytes()).await.unwrap();
    let token = async |number: u8| {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_to(&mut stream, "key-of-the-vendor").await;
        let body = format!("{{\"access_token\":\"token-{number}\"}}");
        let length = body.len();
        let response = format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(response.as_bytes()).await.unwrap();
    };
    token(1).await;
    let (mut refusing, _) = listener.accept().await.unwrap();
    let asked = read_to(&mut refusing, "first").await;
    assert!(asked.contains("token-1"), "{asked}");
    // The refusal comes before the body has ended. Its connection stays open.
    refusing
        .write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    token(2).await;
    let (mut accepting, _) = listener.accept().await.unwrap();
    let asked = read_to(&mut accepting, "first").await;
    assert!(asked.contains("token-2"), "{asked}");
    caller.write_all(b"after").await.unwrap();
    read_to(&mut accepting, "after").await;
    accepting
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        .await
        .unwrap();
    let answered = read_to(&mut caller, "ok").await;
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
}
