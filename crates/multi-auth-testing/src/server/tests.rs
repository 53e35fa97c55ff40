use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http::Version;
use reqwest::{Certificate, Client, ClientBuilder};
use tokio::net::TcpStream;

use crate::{Fault, LoopbackServer, ScriptedServer, SimulatorError};

fn trusting(server: &LoopbackServer) -> ClientBuilder {
    let root = Certificate::from_pem(server.certificate_pem().unwrap().as_bytes()).unwrap();
    Client::builder().tls_certs_only([root])
}

#[tokio::test]
async fn an_address_other_machines_can_reach_is_refused() {
    let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let server = ScriptedServer::builder().bind(everywhere).start().await;
    assert!(matches!(server, Err(SimulatorError::NotLoopback(address)) if address == everywhere));
}

#[tokio::test]
async fn a_port_that_is_taken_is_reported() {
    let first = ScriptedServer::start().await.unwrap();
    let second = ScriptedServer::builder()
        .bind(first.address())
        .start()
        .await;
    assert!(
        matches!(second, Err(SimulatorError::Bind { address, .. }) if address == first.address())
    );
}

#[tokio::test]
async fn requests_are_recorded_as_they_arrive_and_in_their_order() {
    let server = ScriptedServer::start().await.unwrap();
    let client = Client::new();
    let post = client.post(format!("{}/a%20b?x=1&x=2", server.url()));
    post.header("x-twice", "1")
        .header("x-twice", "2")
        .body("body")
        .send()
        .await
        .unwrap();
    client.get(server.url()).send().await.unwrap();

    let requests = server.requests();
    assert_eq!((requests.len(), server.request_count()), (2, 2));
    let first = &requests[0];
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/a%20b")
    );
    assert_eq!(first.query.as_deref(), Some("x=1&x=2"));
    assert_eq!(first.header_values("X-Twice"), ["1", "2"]);
    assert_eq!(
        (first.header("x-twice"), first.header("x-none")),
        (Some("1"), None)
    );
    assert_eq!(
        (first.text().as_ref(), first.version),
        ("body", Version::HTTP_11)
    );
    assert_eq!(
        (requests[1].path.as_str(), requests[1].query.as_deref()),
        ("/", None)
    );

    server.clear_requests();
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_client_that_trusts_the_certificate_accepts_https() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"));
    let client = trusting(&server).build().unwrap();
    assert_eq!(client.get(server.url()).send().await.unwrap().status(), 200);
    let by_name = format!("https://localhost:{}/", server.address().port());
    let pinned = trusting(&server)
        .resolve("localhost", server.address())
        .build()
        .unwrap();
    assert_eq!(pinned.get(by_name).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_certificate_rejects_https() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let other = ScriptedServer::builder().https().start().await.unwrap();
    let client = trusting(&other).build().unwrap();
    assert!(client.get(server.url()).send().await.is_err());
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_client_may_choose_between_both_versions_of_http() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    for client in [trusting(&server), trusting(&server).http1_only()] {
        client
            .build()
            .unwrap()
            .get(server.url())
            .send()
            .await
            .unwrap();
    }
    let versions: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.version)
        .collect();
    assert_eq!(versions, [Version::HTTP_2, Version::HTTP_11]);
}

#[tokio::test]
async fn a_server_without_https_has_no_certificate() {
    let server = ScriptedServer::start().await.unwrap();
    assert_eq!(server.certificate_pem(), None);
    assert_eq!(server.url(), format!("http://{}", server.address()));
}

#[tokio::test]
async fn a_dropped_server_accepts_no_more_connections() {
    let server = ScriptedServer::start().await.unwrap();
    let address = server.address();
    drop(server);
    let refused = async { while TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(10), refused)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_dropped_server_cuts_the_requests_that_wait() {
    let server = ScriptedServer::start().await.unwrap();
    let gate = server.hold("/");
    let waiting = tokio::spawn(reqwest::get(server.url().to_owned()));
    gate.arrived(1).await;
    drop(server);
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn hanging_up_works_in_either_version_of_http() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    server.inject(Fault::hang_up());
    for client in [trusting(&server), trusting(&server).http1_only()] {
        let client = client.build().unwrap();
        assert!(client.get(server.url()).send().await.is_err());
    }
    let last = server.requests().last().map(|request| request.version);
    assert_eq!(
        last,
        Some(Version::HTTP_11),
        "it was the requests that failed, not the handshakes"
    );
}
