use std::sync::Arc;

use http::StatusCode;

use crate::{ScriptedResponse, ScriptedServer};

#[tokio::test]
async fn without_a_script_the_answer_is_200_and_empty() {
    let server = ScriptedServer::start().await.unwrap();
    let response = reqwest::get(format!("{}/any", server.url())).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn the_queue_comes_before_the_closure_and_in_its_order() {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|_| ScriptedResponse::new(StatusCode::IM_A_TEAPOT));
    server.push(ScriptedResponse::new(StatusCode::ACCEPTED));
    server.push(ScriptedResponse::new(StatusCode::CREATED));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(reqwest::get(server.url()).await.unwrap().status().as_u16());
    }
    assert_eq!(seen, [202, 201, 418, 418]);
}

#[tokio::test]
async fn the_closure_sees_the_request_and_may_use_the_server() {
    let server = Arc::new(ScriptedServer::start().await.unwrap());
    let weak = Arc::downgrade(&server);
    server.respond_with(move |request| {
        let count = weak.upgrade().map_or(0, |server| server.request_count());
        ScriptedResponse::default().with_body(format!("{count} {}", request.text()))
    });
    let post = reqwest::Client::new().post(server.url()).body("hello");
    assert_eq!(post.send().await.unwrap().text().await.unwrap(), "1 hello");
}
