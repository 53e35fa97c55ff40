use bytes::Bytes;
use http::StatusCode;
use tokio::sync::oneshot;

use crate::{ScriptedResponse, ScriptedServer, SimulatorError};

/// A chunk that reports when its last copy is dropped.
struct Watched(#[expect(dead_code, reason = "dropping it is the signal")] oneshot::Sender<()>);

impl AsRef<[u8]> for Watched {
    fn as_ref(&self) -> &[u8] {
        b"endless "
    }
}

#[test]
fn a_line_break_in_a_header_is_refused() {
    let answer = ScriptedResponse::default().with_header("location", "/\r\nset-cookie: a=b");
    assert!(matches!(answer, Err(SimulatorError::Header { name, .. }) if name == "location"));
    assert!(
        ScriptedResponse::default()
            .with_header("a name", "value")
            .is_err()
    );
}

#[tokio::test]
async fn a_prepared_response_is_sent_unchanged() {
    let server = ScriptedServer::start().await.unwrap();
    let answer = ScriptedResponse::new(StatusCode::TOO_MANY_REQUESTS)
        .with_header("set-cookie", "a=1")
        .and_then(|answer| answer.with_header("set-cookie", "b=2"))
        .unwrap();
    server.push(answer.with_json(&serde_json::json!({ "slow": "down" })));
    let response = reqwest::get(server.url()).await.unwrap();
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.text().await.unwrap(), r#"{"slow":"down"}"#);
}

#[tokio::test]
async fn a_response_of_the_http_crate_can_be_pushed() {
    let server = ScriptedServer::start().await.unwrap();
    server.push(
        http::Response::builder()
            .status(418)
            .header("x-pot", "tea")
            .body("short")
            .unwrap(),
    );
    let response = reqwest::get(server.url()).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-pot"]),
        (418, &"tea".parse().unwrap())
    );
    assert_eq!(response.text().await.unwrap(), "short");
}

#[tokio::test]
async fn an_endless_body_ends_when_the_client_disconnects() {
    let server = ScriptedServer::start().await.unwrap();
    let (dropped, ended) = oneshot::channel();
    server.push(ScriptedResponse::default().with_endless_body(Bytes::from_owner(Watched(dropped))));
    let mut response = reqwest::get(server.url()).await.unwrap();
    assert_eq!(response.content_length(), None);
    let mut read = 0;
    while read < 1_000_000 {
        read += response.chunk().await.unwrap().unwrap().len();
    }
    drop(response);
    assert!(ended.await.is_err(), "nothing is ever sent on this channel");
}
