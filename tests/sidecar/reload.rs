//! A new configuration, and the end of the proxy.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use multi_auth_testing::ScriptedServer;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::rig::{KEY, Rig, client, config, vendor};

#[tokio::test]
async fn a_new_configuration_serves_new_requests_and_old_ones_end_with_the_old_one() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let gate = server.hold("/held");
    let held = tokio::spawn(rig.get("/v/held").send());
    gate.arrived(1).await;
    let text = vendor(server.url()).replace(KEY, "another-key-456");
    rig.proxy
        .reload(&config(&text), &rig.settings)
        .await
        .unwrap();
    assert_eq!(rig.get("/v/x").send().await.unwrap().status(), 200);
    assert_eq!(
        server.requests_to("/x")[0].header("x-api-key"),
        Some("another-key-456")
    );
    drop(gate);
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
    assert_eq!(
        server.requests_to("/held")[0].header("x-api-key"),
        Some(KEY)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_configuration_reloads() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let is_done = Arc::new(AtomicBool::new(false));
    let load = |_| {
        let (request, is_done) = (rig.get("/v/x"), Arc::clone(&is_done));
        tokio::spawn(async move {
            let mut sent = 0;
            while !is_done.load(Ordering::Relaxed) {
                let request = request.try_clone().unwrap();
                assert_eq!(request.send().await.unwrap().status(), 200);
                sent += 1;
            }
            sent
        })
    };
    let loads: Vec<_> = (0..4).map(load).collect();
    for round in 0..20 {
        let text = vendor(server.url()).replace(KEY, &format!("key-of-round-{round}"));
        rig.proxy
            .reload(&config(&text), &rig.settings)
            .await
            .unwrap();
        // Each configuration serves requests.
        let before = server.request_count();
        while server.request_count() < before + 8 {
            tokio::task::yield_now().await;
        }
    }
    is_done.store(true, Ordering::Relaxed);
    let mut sent = 0;
    for load in loads {
        sent += load.await.unwrap();
    }
    assert_eq!(server.request_count(), sent);
}

#[tokio::test]
async fn requests_under_way_end_after_the_stop() {
    let server = ScriptedServer::start().await.unwrap();
    let mut rig = Rig::to(&server).await;
    let gate = server.hold("/held");
    let held = tokio::spawn(rig.get("/v/held").send());
    gate.arrived(1).await;
    rig.stop();
    // No connection is accepted any more.
    while client().get(&rig.url).send().await.is_ok() {
        tokio::task::yield_now().await;
    }
    drop(gate);
    assert_eq!(held.await.unwrap().unwrap().status(), 200);
    rig.served.await.unwrap();
}

/// The proxy gets no turn before the stop.
#[tokio::test]
async fn callers_that_have_connected_before_the_stop_are_served() {
    let server = ScriptedServer::start().await.unwrap();
    let mut rig = Rig::to(&server).await;
    let connect = || {
        let mut stream = std::net::TcpStream::connect(rig.address()).unwrap();
        let request = b"GET /none HTTP/1.1\r\nhost: localhost\r\n\r\n";
        stream.write_all(request).unwrap();
        stream.set_nonblocking(true).unwrap();
        TcpStream::from_std(stream).unwrap()
    };
    let callers: Vec<_> = (0..200).map(|_| connect()).collect();
    rig.stop();
    for (number, mut caller) in callers.into_iter().enumerate() {
        let mut response = String::new();
        caller.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 404"), "{number}: {response}");
    }
    rig.served.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_end_is_cut_off_after_the_drain() {
    let server = ScriptedServer::start().await.unwrap();
    let drain = Duration::from_millis(20);
    let mut rig = Rig::to(&server).await.draining_for(drain).await;
    let gate = server.hold("/held");
    let held = tokio::spawn(rig.get("/v/held").send());
    gate.arrived(1).await;
    rig.stop();
    assert!(held.await.unwrap().is_err());
    rig.served.await.unwrap();
}
