//! Vendors that fail: each failure has its status, and nothing of it has a secret.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use http::StatusCode;
use multi_auth_config::proxy::ProxySettings;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{KEY, Rig, code, vendor};

/// A server that answers each connection with `bytes` and closes it.
async fn answering(bytes: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(bytes.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_vendor_that_is_down_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let rig = Rig::of(&vendor(&url)).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert_eq!(response.status(), 502);
    let status = response.headers()["proxy-status"].to_str().unwrap();
    assert!(status.contains("error=destination_unavailable"), "{status}");
    assert_eq!(code(response).await, "vendor-unreachable");
}

#[tokio::test]
async fn a_vendor_that_does_not_respond_is_late() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let soon = |settings: ProxySettings| settings.with_response_timeout(Duration::from_millis(20));
    let rig = Rig::with(&vendor(&url), soon, None).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert_eq!(response.status(), 504);
    assert_eq!(code(response).await, "vendor-timeout");
}

#[tokio::test]
async fn a_vendor_that_closes_the_connection_gives_a_problem() {
    for bytes in ["", "HTTP/1.1 2", "not http\r\n\r\n"] {
        let rig = Rig::of(&vendor(&answering(bytes).await)).await;
        let response = rig.get("/v/x").send().await.unwrap();
        assert_eq!(response.status(), 502, "{bytes}");
        assert_eq!(code(response).await, "vendor-closed");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_an_error_for_the_caller() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin";
    let rig = Rig::of(&vendor(&answering(cut).await)).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(response.bytes().await.is_err());
    let line = &rig.audit(1).await[0];
    assert_eq!(
        (&line["complete"], &line["bytes"]),
        (&false.into(), &5.into())
    );
}

#[tokio::test]
async fn a_vendor_with_an_untrusted_certificate_gets_no_request() {
    let builder = ScriptedServer::builder().https();
    let server = builder.start().await.unwrap();
    let rig = Rig::of(&vendor(server.url())).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert_eq!(response.status(), 502);
    assert_eq!(server.request_count(), 0);
    let trusted = server.certificate_pem();
    let rig = Rig::with(&vendor(server.url()), |settings| settings, trusted).await;
    assert_eq!(rig.get("/v/x").send().await.unwrap().status(), 200);
    assert_eq!(server.requests()[0].header_values("x-api-key"), [KEY]);
}

#[tokio::test]
async fn a_vendor_that_refuses_everything_gets_few_token_requests() {
    let server = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.v]\nscheme = \"token_endpoint\"\nurl = \"{url}\"\n\
         key = {{ dangerous_inline = \"{KEY}\" }}\n\
         [vendors.v.token_endpoint]\nurl = \"{url}/token\"\nformat = \"json\"\nkey_field = \"key\"\n",
        url = server.url()
    );
    let number = AtomicUsize::new(0);
    server.respond_with(move |request| {
        if request.path != "/token" {
            return ScriptedResponse::new(StatusCode::UNAUTHORIZED);
        }
        let token = format!("token-{}", number.fetch_add(1, Ordering::Relaxed));
        ScriptedResponse::default().with_json(&json!({ "access_token": token }))
    });
    let rig = Rig::of(&text).await;
    let responses = join_all((0..200).map(|_| rig.get("/v/x").send())).await;
    for response in responses {
        assert_eq!(response.unwrap().status(), 401);
    }
    let tokens = server.requests_to("/token").len();
    assert!((1..=20).contains(&tokens), "{tokens}");
}

#[tokio::test]
async fn callers_that_send_slowly_do_not_stop_others() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let mut slow = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        stream
            .write_all(b"POST /v/x HTTP/1.1\r\nhost: localhost\r\ncontent-le")
            .await
            .unwrap();
        slow.push(stream);
    }
    for _ in 0..20 {
        assert_eq!(rig.get("/v/x").send().await.unwrap().status(), 200);
    }
    assert_eq!(server.request_count(), 20);
    drop(slow);
}
