//! The limits of a caller.

use std::num::NonZeroU32;

use futures_util::future::join_all;
use http::Method;
use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule};
use multi_auth_testing::ScriptedServer;

use crate::rig::{Rig, code, vendor};

async fn limited(server: &ScriptedServer, limit: fn(Caller) -> Caller) -> (Rig, String) {
    let token = CallerToken::generate().unwrap();
    let hash = token.hash();
    let add = |settings: ProxySettings| {
        let caller = Caller::new("limited").unwrap().with_token(hash);
        settings.with_caller(limit(caller.with_rule(Rule::vendor("v"))))
    };
    let rig = Rig::with(&vendor(server.url()), add, None).await;
    (rig, token.expose().to_owned())
}

#[tokio::test]
async fn requests_above_the_rate_are_refused_with_a_delay() {
    let server = ScriptedServer::start().await.unwrap();
    let three = |caller: Caller| caller.with_requests_per_second(NonZeroU32::new(3).unwrap());
    let (rig, token) = limited(&server, three).await;
    let send = |_| {
        rig.anonymous(Method::GET, "/v/x")
            .bearer_auth(&token)
            .send()
    };
    let mut refused = 0;
    // All at once, so that the rate does not depend on how fast this machine is.
    for response in join_all((0..30).map(send)).await {
        let response = response.unwrap();
        if response.status() == 429 {
            refused += 1;
            assert_eq!(response.headers()["retry-after"], "1");
            assert_eq!(code(response).await, "rate-limit");
        }
    }
    assert!((1..=27).contains(&refused), "{refused}");
    assert_eq!(server.request_count(), 30 - refused);
    // Another caller has its own limit.
    assert_eq!(rig.get("/v/x").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn requests_above_the_limit_at_once_are_refused_until_one_ends() {
    let server = ScriptedServer::start().await.unwrap();
    let two = |caller: Caller| caller.with_concurrent_requests(NonZeroU32::new(2).unwrap());
    let (rig, token) = limited(&server, two).await;
    let send = || {
        rig.anonymous(Method::GET, "/v/x")
            .bearer_auth(&token)
            .send()
    };
    let gate = server.hold("/x");
    let first = tokio::spawn(send());
    let second = tokio::spawn(send());
    gate.arrived(2).await;
    let third = send().await.unwrap();
    assert_eq!(third.status(), 429);
    assert_eq!(code(third).await, "concurrency-limit");
    drop(gate);
    for held in [first, second] {
        assert_eq!(held.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(send().await.unwrap().status(), 200);
}
