//! The pages for operators.

use std::pin::pin;
use std::time::Duration;

use http::StatusCode;
use multi_auth_config::proxy::ProxySettings;
use multi_auth_proxy::Admin;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::rig::{KEY, Rig, client, vendor};

fn pages(rig: &Rig) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/-/", listener.local_addr().unwrap());
    let admin = Admin::new(rig.proxy.clone(), || "metrics 1\n".to_owned());
    tokio::spawn(admin.serve(listener));
    url
}

async fn text(url: &str, path: &str) -> (StatusCode, String) {
    let response = client().get(format!("{url}{path}")).send().await.unwrap();
    (response.status(), response.text().await.unwrap())
}

#[tokio::test]
async fn the_status_page_shows_vendors_callers_and_problems_without_a_secret() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let url = pages(&rig);
    rig.get("/v/x").send().await.unwrap().bytes().await.unwrap();
    rig.get("/v/a//b").send().await.unwrap();
    let (_, page) = text(&url, "").await;
    for part in [
        "<h3>v</h3>",
        "<h3>tests</h3>",
        server.url(),
        "x-api-key: ****",
        "<dd>1</dd>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains(KEY) && !page.contains("mauth_"), "{page}");
    let (_, status) = text(&url, "status.json").await;
    let status: serde_json::Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["vendors"][0]["counts"]["requests"], 1);
    assert_eq!(status["callers"][0]["counts"]["under_way"], 0);
}

#[tokio::test]
async fn the_token_of_a_vendor_is_on_the_page_and_a_failure_makes_it_unready() {
    let server = ScriptedServer::start().await.unwrap();
    let vendor = format!(
        "[vendors.immuta]\npreset = \"immuta\"\nurl = \"{}\"\nkey = {{ dangerous_inline = \"{KEY}\" }}\n",
        server.url()
    );
    let rig = Rig::of(&vendor).await;
    let url = pages(&rig);
    assert_eq!(text(&url, "readyz").await.0, 200);
    assert!(text(&url, "").await.1.contains("not requested yet"));
    server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    rig.get("/immuta/x").send().await.unwrap();
    assert_eq!(text(&url, "readyz").await.0, 503);
    let (_, page) = text(&url, "").await;
    assert!(page.contains("class=\"warning\""), "{page}");
    assert_eq!(
        text(&url, "healthz").await,
        (StatusCode::OK, "ok\n".to_owned())
    );
    assert_eq!(text(&url, "metrics").await.1, "metrics 1\n");
}

#[tokio::test]
async fn the_page_changes_by_itself() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let url = pages(&rig);
    let mut events = client().get(format!("{url}events")).send().await.unwrap();
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let first = events.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"data: <h2>Vendors</h2>"), "{first:?}");
}

#[tokio::test]
async fn a_web_page_under_another_name_cannot_read_the_status() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let url = pages(&rig);
    for path in ["", "status.json", "metrics", "events"] {
        let request = client().get(format!("{url}{path}"));
        let response = request
            .header("host", "attacker.example")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 421, "{path}");
    }
}

#[tokio::test]
async fn the_pages_have_the_names_of_the_proxy() {
    let server = ScriptedServer::start().await.unwrap();
    let named = |settings: ProxySettings| settings.with_host("proxy.internal").unwrap();
    let rig = Rig::with(&vendor(server.url()), named, None).await;
    let url = pages(&rig);
    for host in [
        "proxy.internal",
        "Proxy.Internal:8781",
        "localhost",
        "[::1]:1",
    ] {
        let request = client().get(format!("{url}healthz")).header("host", host);
        assert_eq!(request.send().await.unwrap().status(), 200, "{host}");
    }
}

/// Time passes at once while all tasks wait.
#[tokio::test]
async fn silent_connections_to_the_pages_end_and_keep_their_number() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let url: url::Url = pages(&rig).parse().unwrap();
    let address = ("127.0.0.1", url.port().unwrap());
    let mut silent = Vec::new();
    for _ in 0..32 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A part of a head is as good as none.
        stream.write_all(b"GET /-/healthz HT").await.unwrap();
        silent.push(stream);
    }
    tokio::time::pause();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = b"GET /-/healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut response = String::new();
    let mut responding = pin!(stream.read_to_string(&mut response));
    let early = timeout(Duration::from_secs(29), &mut responding).await;
    assert!(early.is_err(), "the silent connections leave no place");
    responding.await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200"), "{response}");
    for mut stream in silent {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        assert!(
            rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"),
            "{rest:?}"
        );
    }
}

#[tokio::test]
async fn the_page_takes_nothing_from_elsewhere() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let response = client().get(pages(&rig)).send().await.unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(
        !page.contains("https://") && !page.contains("src="),
        "{page}"
    );
}
