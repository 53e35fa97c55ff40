use std::time::Duration;

use http::StatusCode;
use reqwest::{Client, Response};
use tokio::time::Instant;

use crate::{AlphamoonSimulator, Fault, ImmutaSimulator, ScriptedResponse, ScriptedServer};

async fn get(server: &ScriptedServer, path: &str) -> reqwest::Result<Response> {
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    client.get(format!("{}{path}", server.url())).send().await
}

async fn status(server: &ScriptedServer, path: &str) -> u16 {
    get(server, path).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_fault_lasts_until_it_is_cleared() {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::status(StatusCode::BAD_GATEWAY));
    assert_eq!(status(&server, "/").await, 502);
    assert_eq!(status(&server, "/").await, 502);
    server.clear_faults();
    assert_eq!(status(&server, "/").await, 200);
}

#[tokio::test]
async fn a_counted_fault_strikes_as_often_as_it_says() {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::status(StatusCode::BAD_GATEWAY).times(2));
    server.inject(Fault::status(StatusCode::GATEWAY_TIMEOUT).times(1));
    server.inject(Fault::status(StatusCode::IM_A_TEAPOT).times(0));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(status(&server, "/").await);
    }
    assert_eq!(seen, [502, 502, 504, 200]);
}

#[tokio::test]
async fn a_fault_on_a_path_leaves_the_others_alone() {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::status(StatusCode::BAD_GATEWAY).on("/bim/").times(1));
    assert_eq!(status(&server, "/audit").await, 200);
    assert_eq!(status(&server, "/bim/apikey/authenticate").await, 502);
    assert_eq!(status(&server, "/bim/apikey/authenticate").await, 200);
}

#[tokio::test(start_paused = true)]
#[expect(
    clippy::disallowed_methods,
    reason = "the paused clock of tokio measures the delay"
)]
async fn delays_add_up_and_hold_back_what_follows() {
    const HOUR: Duration = Duration::from_secs(3600);
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::delay(HOUR).times(1));
    server.inject(Fault::delay(HOUR).times(1));
    server.inject(Fault::status(StatusCode::BAD_GATEWAY).times(1));
    let started = Instant::now();
    assert_eq!(status(&server, "/").await, 502);
    assert!(started.elapsed() >= 2 * HOUR);
    assert_eq!(status(&server, "/").await, 200);
}

#[tokio::test]
async fn a_page_of_html_comes_with_status_200() {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::html());
    let response = get(&server, "/any/path").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.headers()["content-type"],
        "text/html; charset=utf-8"
    );
    assert!(
        response
            .text()
            .await
            .unwrap()
            .starts_with("<!doctype html>")
    );
}

#[tokio::test]
async fn a_redirect_leads_elsewhere() {
    let (server, target) = (
        ScriptedServer::start().await.unwrap(),
        ScriptedServer::start().await.unwrap(),
    );
    let location = format!("{}/elsewhere", target.url());
    server.inject(Fault::redirect(StatusCode::TEMPORARY_REDIRECT, &location).unwrap());
    let response = get(&server, "/").await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(response.headers()["location"], location.as_str());
    assert_eq!(reqwest::get(server.url()).await.unwrap().status(), 200);
    assert_eq!(target.requests_to("/elsewhere").len(), 1);
}

#[tokio::test]
async fn hanging_up_closes_the_connection_without_an_answer() {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::hang_up().on("/now"));
    assert!(get(&server, "/now").await.is_err());
    assert!(
        !server.requests_to("/now").is_empty(),
        "the request itself did arrive"
    );
    assert_eq!(status(&server, "/later").await, 200);
}

#[tokio::test]
async fn a_prepared_response_replaces_the_vendors() {
    let immuta = ImmutaSimulator::start().await.unwrap();
    immuta.inject(Fault::response(ScriptedResponse::default().with_body("{}")).on("/audit"));
    let response = reqwest::get(format!("{}/audit", immuta.url()))
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "{}");
}

#[tokio::test]
async fn a_status_comes_in_the_vendors_envelope() {
    let alphamoon = AlphamoonSimulator::start().await.unwrap();
    alphamoon.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE));
    let response = reqwest::get(alphamoon.url()).await.unwrap();
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(
        response.json::<serde_json::Value>().await.unwrap()["status"],
        503
    );

    let immuta = ImmutaSimulator::start().await.unwrap();
    immuta.inject(Fault::status(StatusCode::SERVICE_UNAVAILABLE));
    let response = reqwest::get(immuta.url()).await.unwrap();
    assert_eq!(
        response.json::<serde_json::Value>().await.unwrap()["statusCode"],
        503
    );
}

#[tokio::test]
async fn requests_wait_at_a_gate_until_it_is_released() {
    let server = ScriptedServer::start().await.unwrap();
    let gate = server.hold("/slow");
    let url = format!("{}/slow", server.url());
    let waiting = [
        tokio::spawn(reqwest::get(url.clone())),
        tokio::spawn(reqwest::get(url.clone())),
    ];
    gate.arrived(2).await;
    assert_eq!(status(&server, "/fast").await, 200);
    assert!(waiting.iter().all(|request| !request.is_finished()));
    assert_eq!(
        server.requests_to("/slow").len(),
        2,
        "what waits is recorded"
    );
    server.inject(Fault::status(StatusCode::BAD_GATEWAY));
    gate.release();
    for request in waiting {
        assert_eq!(
            request.await.unwrap().unwrap().status(),
            502,
            "faults strike after the gate"
        );
    }
}

#[tokio::test]
async fn a_dropped_gate_is_open() {
    let server = ScriptedServer::start().await.unwrap();
    drop(server.hold("/"));
    assert_eq!(status(&server, "/").await, 200);
}
