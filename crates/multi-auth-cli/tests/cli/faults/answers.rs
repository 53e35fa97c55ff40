//! What a vendor's answer, or none at all, says of a credential.

use http::StatusCode;
use multi_auth_testing::{Fault, ScriptedResponse, ScriptedServer};

use super::{assert_named, home_at};
use crate::program::Home;

/// A home whose vendor gives `answer` to every request.
pub(super) async fn home_answered(answer: impl Into<ScriptedResponse>) -> (Home, ScriptedServer) {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::response(answer));
    (home_at(server.url()), server)
}

#[tokio::test]
async fn a_key_that_is_refused() {
    let (home, _server) = home_answered(ScriptedResponse::new(StatusCode::UNAUTHORIZED)).await;
    assert_named(&home, "refused-key", 1).await;
}

#[tokio::test]
async fn a_permission_that_is_missing() {
    let (home, _server) = home_answered(ScriptedResponse::new(StatusCode::FORBIDDEN)).await;
    assert_named(&home, "missing-permission", 1).await;
}

#[tokio::test]
async fn a_web_page_in_the_place_of_the_api() {
    let (home, _server) = home_answered(ScriptedResponse::html()).await;
    assert_named(&home, "wrong-host", 1).await;
}

#[tokio::test]
async fn a_redirect() {
    let answer =
        ScriptedResponse::redirect(StatusCode::FOUND, "https://other.example/?k=canary").unwrap();
    let (home, _server) = home_answered(answer).await;
    assert_named(&home, "redirect", 1).await;
}

#[tokio::test]
async fn a_rate_limit() {
    let (home, _server) = home_answered(ScriptedResponse::new(StatusCode::TOO_MANY_REQUESTS)).await;
    assert_named(&home, "rate-limited", 3).await;
}

#[tokio::test]
async fn a_vendor_that_is_down() {
    let (home, _server) = home_answered(ScriptedResponse::new(StatusCode::BAD_GATEWAY)).await;
    assert_named(&home, "vendor-down", 3).await;
}

#[tokio::test]
async fn an_answer_that_nobody_expected() {
    let (home, _server) = home_answered(ScriptedResponse::new(StatusCode::NOT_FOUND)).await;
    assert_named(&home, "unexpected-response", 1).await;
}

#[tokio::test]
async fn what_a_status_does_not_say_alone() {
    let lacking = "Bearer error=\"insufficient_scope\"";
    let invalid = "Bearer error=\"invalid_token\"";
    let status = |code: u16| ScriptedResponse::new(StatusCode::from_u16(code).unwrap());
    let page = |answer: ScriptedResponse| answer.with_body("<!DOCTYPE html><p>canary");
    for (answer, rule, code) in [
        (
            status(401)
                .with_header("www-authenticate", lacking)
                .unwrap(),
            "missing-permission",
            1,
        ),
        (
            status(403)
                .with_header("www-authenticate", invalid)
                .unwrap(),
            "refused-key",
            1,
        ),
        (page(status(200)), "wrong-host", 1),
        (page(status(404)), "wrong-host", 1),
        (status(304), "unexpected-response", 1),
        (status(408), "timeout", 3),
        (status(407), "connection", 3),
    ] {
        let (home, _server) = home_answered(answer).await;
        assert_named(&home, rule, code).await;
    }
}

#[tokio::test]
async fn a_host_that_does_not_exist() {
    let home = home_at("https://no-such-host.invalid");
    assert_named(&home, "dns", 3).await;
}

#[tokio::test]
async fn a_port_at_which_nobody_listens() {
    let server = ScriptedServer::start().await.unwrap();
    let home = home_at(server.url());
    drop(server);
    assert_named(&home, "connection", 3).await;
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let home = home_at(server.url());
    assert_named(&home, "tls", 3).await;
    // And one that somebody does.
    std::fs::write(home.path("ca.pem"), server.certificate_pem().unwrap()).unwrap();
    let run = home.run(&["check", "--ca", "ca.pem"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
async fn an_answer_that_does_not_come() {
    let server = ScriptedServer::start().await.unwrap();
    let _hold = server.hold("/");
    let home = home_at(server.url());
    let run = home.run(&["check", "--json", "--timeout", "0.2"]).await;
    assert_eq!(
        run.json()["vendors"][0]["error"]["code"],
        "timeout",
        "{run:?}"
    );
    assert_eq!(run.code, Some(3));
}
