//! Tunnels: the bytes of a caller and a host pass untouched.

use std::time::Duration;

use http::Method;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings};
use multi_auth_testing::ScriptedServer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{KEY, Rig, code, vendor};

/// Settings whose callers may open tunnels to `hosts`.
fn with_tunnels(settings: ProxySettings, hosts: &str) -> ProxySettings {
    let callers = settings.callers().to_vec();
    let allow = |caller: Caller| caller.with_tunnels(hosts).unwrap();
    callers
        .into_iter()
        .map(allow)
        .fold(settings.without_callers(), ProxySettings::with_caller)
}

/// A proxy whose caller may open tunnels to every port of this machine.
async fn rig() -> Rig {
    let local = |settings| {
        let settings = with_tunnels(settings, "127.0.0.1:*");
        settings.with_private_host("127.0.0.1").unwrap()
    };
    Rig::with(&vendor("http://127.0.0.1:1"), local, None).await
}

/// Sends a request for a tunnel to `target` with `fields`, and reads the head of the response.
pub(crate) async fn connect(rig: &Rig, target: &str, fields: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    let request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n{fields}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    (
        stream,
        String::from_utf8(head).unwrap().to_ascii_lowercase(),
    )
}

fn authorization(rig: &Rig) -> String {
    format!("proxy-authorization: Bearer {}\r\n", rig.token)
}

#[tokio::test]
async fn the_bytes_of_a_tunnel_pass_untouched() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rig = rig().await;
    let target = listener.local_addr().unwrap().to_string();
    let (mut caller, head) = connect(&rig, &target, &authorization(&rig)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(
        !head.contains("content-length") && !head.contains("transfer-encoding"),
        "{head}"
    );
    let (mut host, _) = listener.accept().await.unwrap();
    let sent = format!("GET / HTTP/1.1\r\nauthorization: {KEY}\r\nhost: x\r\n\r\n\0\u{ff}");
    caller.write_all(sent.as_bytes()).await.unwrap();
    let mut arrived = vec![0; sent.len()];
    host.read_exact(&mut arrived).await.unwrap();
    assert_eq!(arrived, sent.as_bytes());
    host.write_all(b"answer").await.unwrap();
    drop(host);
    let mut answer = Vec::new();
    caller.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"answer");
    assert_eq!(rig.audit_text(), "", "the tunnel is open");
    drop(caller);
    let line = &rig.audit(1).await[0];
    assert_eq!(line["method"], "CONNECT");
    assert_eq!(line["path"], target);
    assert_eq!(
        (&line["caller"], &line["vendor"]),
        (&"tests".into(), &serde_json::Value::Null)
    );
    assert_eq!((&line["status"], &line["bytes"]), (&200.into(), &6.into()));
    assert_eq!(line["complete"], true);
}

#[tokio::test]
async fn a_client_with_https_reaches_a_host_through_a_tunnel() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let rig = rig().await;
    let proxy = reqwest::Proxy::all(&rig.url)
        .unwrap()
        .basic_auth("any", &rig.token);
    let root = server.certificate_pem().unwrap().as_bytes();
    let client = reqwest::Client::builder().proxy(proxy);
    let client = client.tls_certs_only([reqwest::Certificate::from_pem(root).unwrap()]);
    let url = format!("{}/x", server.url());
    let response = client
        .build()
        .unwrap()
        .get(url)
        .bearer_auth("own")
        .send()
        .await;
    assert_eq!(response.unwrap().status(), 200);
    assert_eq!(
        server.requests()[0].header("authorization"),
        Some("Bearer own")
    );
    assert!(
        server.requests()[0]
            .header_values("proxy-authorization")
            .is_empty()
    );
}

#[tokio::test]
async fn a_tunnel_that_the_caller_may_not_open_is_refused() {
    let rig = rig().await;
    let own = authorization(&rig);
    let unknown = own.replace("mauth_", "mauth_0").replace("\r\n", "");
    let unknown = format!("{}\r\n", unknown.split_at(unknown.len() - 1).0);
    let refused = [
        ("127.0.0.1:1", "", "407", "no-proxy-credential"),
        ("127.0.0.1:1", &*unknown, "407", "no-proxy-credential"),
        ("t.example:443", &*own, "403", "tunnel-not-allowed"),
        ("localhost:443", &*own, "403", "tunnel-not-allowed"),
        ("127.0.0.1:1", &*own, "502", "vendor-unreachable"),
        ("127.0.0.1", &*own, "421", "unknown-host"),
        ("user@127.0.0.1:1", &*own, "421", "unknown-host"),
        (&*format!("{}:1", rig.token), &*own, "421", "unknown-host"),
    ];
    for (target, fields, status, code) in refused {
        let (_, head) = connect(&rig, target, fields).await;
        assert!(
            head.starts_with(&format!("http/1.1 {status}")),
            "{target}: {head}"
        );
        assert!(
            head.contains(&format!("details=\"{code}\"")),
            "{target}: {head}"
        );
        assert!(
            status != "407" || head.contains("proxy-authenticate: basic"),
            "{head}"
        );
    }
    assert!(!rig.audit_text().contains("mauth_"), "{}", rig.audit_text());
    for body in ["content-length: 1\r\n", "transfer-encoding: chunked\r\n"] {
        let (_, head) = connect(&rig, "127.0.0.1:1", &format!("{own}{body}")).await;
        assert!(head.starts_with("http/1.1 400"), "{head}");
    }
}

#[tokio::test]
async fn a_tunnel_leads_to_no_private_address_unless_its_host_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    // The vendor's own URL may have the address. A tunnel may not.
    let vendor = vendor(&format!("http://127.0.0.1:{port}"));
    let rig = Rig::with(&vendor, |settings| with_tunnels(settings, "*:*"), None).await;
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "169.254.169.254",
    ] {
        let (_, head) = connect(&rig, &format!("{host}:{port}"), &authorization(&rig)).await;
        assert!(head.starts_with("http/1.1 502"), "{host}: {head}");
        assert!(head.contains("private-address"), "{host}: {head}");
    }
}

#[tokio::test]
async fn a_caller_has_no_more_tunnels_than_requests_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let rig = {
        let one = std::num::NonZeroU32::MIN;
        let limited = |settings: ProxySettings| {
            let settings = with_tunnels(settings, "127.0.0.1:*");
            let caller = settings.callers()[0].clone().with_concurrent_requests(one);
            let settings = settings.without_callers().with_caller(caller);
            settings.with_private_host("127.0.0.1").unwrap()
        };
        Rig::with(&vendor("http://127.0.0.1:1"), limited, None).await
    };
    let target = listener.local_addr().unwrap().to_string();
    let (first, head) = connect(&rig, &target, &authorization(&rig)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let (_, head) = connect(&rig, &target, &authorization(&rig)).await;
    assert!(head.starts_with("http/1.1 429"), "{head}");
    drop(first);
    drop(listener.accept().await.unwrap());
    rig.audit(2).await;
    let (_, head) = connect(&rig, &target, &authorization(&rig)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
}

#[tokio::test]
async fn a_tunnel_ends_when_the_caller_may_not_open_it_any_more_and_when_the_proxy_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let rig = rig().await;
    let (mut open, _) = connect(&rig, &target, &authorization(&rig)).await;
    let (mut kept, _) = connect(&rig, &target, &authorization(&rig)).await;
    let without = rig.settings.clone().without_callers();
    let config = crate::rig::config(&vendor("http://127.0.0.1:1"));
    rig.proxy.reload(&config, &rig.settings).await.unwrap();
    open.write_all(b"x").await.unwrap();
    let (mut host, _) = listener.accept().await.unwrap();
    assert_eq!(
        host.read_u8().await.unwrap(),
        b'x',
        "a reload ends no tunnel"
    );
    rig.proxy.reload(&config, &without).await.unwrap();
    assert_eq!(open.read(&mut [0]).await.unwrap_or(0), 0);
    assert_eq!(kept.read(&mut [0]).await.unwrap_or(0), 0);

    rig.proxy.reload(&config, &rig.settings).await.unwrap();
    let mut rig = rig.draining_for(Duration::from_secs(60)).await;
    let (mut open, head) = connect(&rig, &target, &authorization(&rig)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    rig.stop();
    assert_eq!(
        open.read(&mut [0]).await.unwrap_or(0),
        0,
        "a tunnel does not keep the proxy"
    );
}

#[tokio::test]
async fn a_tunnel_ends_with_the_token_that_opened_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let rig = rig().await;
    let (mut open, _) = connect(&rig, &target, &authorization(&rig)).await;
    let (mut host, _) = listener.accept().await.unwrap();
    host.write_all(b"four").await.unwrap();
    open.read_exact(&mut [0; 4]).await.unwrap();
    // The caller gets another token.
    let other = Caller::new("tests").unwrap().with_tunnels("*:*").unwrap();
    let other = other.with_token(CallerToken::generate().unwrap().hash());
    let settings = rig.settings.clone().without_callers().with_caller(other);
    let config = crate::rig::config(&vendor("http://127.0.0.1:1"));
    rig.proxy.reload(&config, &settings).await.unwrap();
    assert_eq!(open.read(&mut [0]).await.unwrap_or(0), 0);
    let line = &rig.audit(1).await[0];
    assert_eq!(
        (&line["bytes"], &line["complete"]),
        (&4.into(), &false.into())
    );
}

#[tokio::test]
async fn a_tunnel_over_http2_is_refused() {
    let rig = rig().await;
    let stream = TcpStream::connect(rig.address()).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(executor, hyper_util::rt::TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let request = http::Request::connect("127.0.0.1:1")
        .header("proxy-authorization", format!("Bearer {}", rig.token))
        .body(http_body_util::Empty::<bytes::Bytes>::new())
        .unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 405);
}

#[tokio::test]
async fn connections_end_if_the_server_is_dropped() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let rig = rig().await;
    let (mut open, head) = connect(&rig, &target, &authorization(&rig)).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let mut idle = TcpStream::connect(rig.address()).await.unwrap();
    rig.served.abort();
    assert_eq!(open.read(&mut [0]).await.unwrap_or(0), 0);
    assert_eq!(idle.read(&mut [0]).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn trace_is_refused() {
    let rig = rig().await;
    let response = rig.request(Method::TRACE, "/v/x").send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(code(response).await, "unsupported-method");
}
