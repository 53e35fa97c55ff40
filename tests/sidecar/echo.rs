//! A vendor that returns the credential in its response.

use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::rig::{KEY, Rig};

#[tokio::test]
async fn the_credential_in_a_response_is_replaced_with_asterisks() {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|request| {
        let text = format!("{request:?}");
        let response = ScriptedResponse::default().with_header("x-echo", &format!("key={KEY};"));
        response.unwrap().with_body(text)
    });
    let rig = Rig::to(&server).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert_eq!(response.headers()["x-echo"], "key=*********************;");
    let length: usize = response.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let text = response.text().await.unwrap();
    assert_eq!(text.len(), length);
    assert!(
        text.contains("*********************") && !text.contains(KEY),
        "{text}"
    );
}

#[tokio::test]
async fn a_response_without_the_credential_is_unchanged() {
    let server = ScriptedServer::start().await.unwrap();
    let body: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
    let sent = body.clone();
    server.respond_with(move |_| ScriptedResponse::default().with_body(sent.clone()));
    let rig = Rig::to(&server).await;
    let response = rig.get("/v/x").send().await.unwrap();
    assert!(response.bytes().await.unwrap() == body);
}
