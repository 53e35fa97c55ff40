//! A new configuration, and the end of the proxy.

use multi_auth_testing::ScriptedServer;

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

#[tokio::test]
async fn no_request_fails_while_the_configuration_reloads() {
    let server = ScriptedServer::start().await.unwrap();
    let rig = Rig::to(&server).await;
    let load = |_| {
        let request = rig.get("/v/x");
        tokio::spawn(async move {
            for _ in 0..100 {
                let request = request.try_clone().unwrap();
                assert_eq!(request.send().await.unwrap().status(), 200);
            }
        })
    };
    let loads: Vec<_> = (0..4).map(load).collect();
    for round in 0..20 {
        let text = vendor(server.url()).replace(KEY, &format!("key-of-round-{round}"));
        rig.proxy
            .reload(&config(&text), &rig.settings)
            .await
            .unwrap();
    }
    for load in loads {
        load.await.unwrap();
    }
    assert_eq!(server.request_count(), 400);
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
