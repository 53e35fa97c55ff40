//! Vendors that fail: each failure has its status, and nothing of it has a secret.

use std::time::Duration;

use multi_auth_config::proxy::ProxySettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

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
    let builder = multi_auth_testing::ScriptedServer::builder().https();
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
