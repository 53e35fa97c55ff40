//! On the wire, a request is byte for byte the caller's, except for the credential.

use std::sync::{Arc, Mutex};

use http::Request;
use multi_auth::{ApiKey, Keyring};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::body::TestBody;
use crate::redirect::bound_to;

type Heads = Arc<Mutex<Vec<String>>>;

/// A server that keeps the bytes of each request's head, and closes.
async fn start() -> (String, Heads) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let head = serve(connection).await;
            kept.lock().unwrap().push(head);
        }
    });
    (url, heads)
}

async fn serve(mut connection: TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") && connection.read_buf(&mut bytes).await.unwrap() > 0 {}
    let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    connection.write_all(answer).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

on_each_adapter! {
    async fn only_the_credential_is_added_to_what_the_caller_made(adapter: Adapter) {
        let (url, heads) = start().await;
        let keys = [
            (ApiKey::header("x-key", "0123456789").unwrap(), "x-key: 0123456789\r\n", ""),
            (ApiKey::query("k", "0123456789").unwrap(), "&k=0123456789", "?k=0123456789"),
        ];
        for target in [
            "", "/?a", "/p?a=%7e&b=~&c=a+b&&=;", "/%7e/~/%2F/a%20b", "/p?a=1&", "/p?&", "/p?a==&=b",
            "/p;x=1?y", "/a//b", "/p?q=%C3%BC", "/p?next=https://b.example/?k", "/p?'()*!$,:@/?",
        ] {
            let head_of = async |keyring: &Keyring| {
                let request = Request::get(format!("{url}{target}"))
                    .header("x-a", "1").header("cookie", "c=1").header("x-key-2", "b").header("x-a", "")
                    .header("host", "other.example").header("authorization", "").header("authorization", "b");
                let request = request.body(TestBody::default()).unwrap();
                adapter.client(keyring).send(request).await.unwrap();
                heads.lock().unwrap().pop().unwrap()
            };
            let plain = head_of(&Keyring::builder().build()).await;
            for (key, shown, alone) in &keys {
                let sent = head_of(&bound_to(&url, key.clone())).await;
                assert!(sent.contains("0123456789"), "{target}: {sent}");
                let without = sent.replacen(shown, "", 1);
                let without = if alone.is_empty() { without } else { without.replacen(alone, "", 1) };
                assert_eq!(without, plain, "{target}");
            }
        }
    }
}
