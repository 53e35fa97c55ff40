//! What token requests, tokens and clocks can have wrong.

use http::StatusCode;
use multi_auth_testing::{Fault, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::answers::home_answered;
use super::assert_named;
use crate::program::Home;

/// A vendor whose key obtains a token, with what the token request and the API answer.
async fn answering(
    token_response: impl Into<ScriptedResponse>,
    api: impl Into<ScriptedResponse>,
) -> (Home, ScriptedServer) {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::response(token_response).on("/login"));
    server.inject(Fault::response(api).on("/me"));
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{0}'\nscheme = 'token_endpoint'\nverify = '/me'\nkey = {{ file = 'key' }}\n\
         token_endpoint = {{ url = '{0}/login', key_field = 'key' }}\n",
        server.url()
    ));
    home.secret("key", "k-canary");
    (home, server)
}

fn token() -> ScriptedResponse {
    ScriptedResponse::default()
        .with_json(&json!({ "access_token": "t-canary", "expires_in": 3600 }))
}

/// How a token endpoint refuses (RFC 6749, 5.2).
fn denied(code: &str) -> ScriptedResponse {
    ScriptedResponse::new(StatusCode::BAD_REQUEST).with_json(&json!({ "error": code }))
}

fn wrong_date(answer: ScriptedResponse) -> ScriptedResponse {
    answer
        .with_header("date", "Sat, 01 Jan 2000 00:00:00 GMT")
        .unwrap()
}

#[tokio::test]
async fn a_region_that_refuses_fresh_tokens() {
    let (home, _server) = answering(token(), ScriptedResponse::new(StatusCode::UNAUTHORIZED)).await;
    assert_named(&home, "wrong-region", 1).await;
}

#[tokio::test]
async fn a_token_that_lacks_a_permission() {
    let challenge = "Bearer error=\"insufficient_scope\"";
    let lacking =
        ScriptedResponse::new(StatusCode::UNAUTHORIZED).with_header("www-authenticate", challenge);
    let (home, _server) = answering(token(), lacking.unwrap()).await;
    assert_named(&home, "missing-permission", 1).await;
}

#[tokio::test]
async fn what_a_token_request_can_have_wrong() {
    let not_found = ScriptedResponse::new(StatusCode::NOT_FOUND);
    for (answer, rule, code) in [
        (
            ScriptedResponse::new(StatusCode::UNAUTHORIZED),
            "refused-key",
            1,
        ),
        (denied("temporarily_unavailable"), "vendor-down", 3),
        (denied("slow_down"), "vendor-down", 3),
        (denied("invalid_client"), "refused-key", 1),
        (denied("unauthorized_client"), "missing-permission", 1),
        (denied("invalid_scope"), "unexpected-response", 1),
        (
            ScriptedResponse::new(StatusCode::FORBIDDEN),
            "missing-permission",
            1,
        ),
        (ScriptedResponse::html(), "wrong-host", 1),
        (
            ScriptedResponse::redirect(StatusCode::FOUND, "/canary").unwrap(),
            "redirect",
            1,
        ),
        (
            ScriptedResponse::new(StatusCode::TOO_MANY_REQUESTS),
            "rate-limited",
            3,
        ),
        (
            ScriptedResponse::new(StatusCode::SERVICE_UNAVAILABLE),
            "vendor-down",
            3,
        ),
        (
            ScriptedResponse::default().with_json(&json!({ "canary": 1 })),
            "unexpected-response",
            1,
        ),
    ] {
        let (home, _server) = answering(answer, not_found.clone()).await;
        assert_named(&home, rule, code).await;
    }
}

/// A vendor on the first of January 2000, whose token expires at `exp`.
async fn expiring(exp: &str) -> (Home, ScriptedServer) {
    let token = json!({ "access_token": "t-canary", "exp": exp });
    let token = wrong_date(ScriptedResponse::default().with_json(&token));
    let (home, server) = answering(token, ScriptedResponse::default()).await;
    let config = format!(
        "[vendors.v]\nurl = '{0}'\nscheme = 'token_endpoint'\nverify = '/me'\nkey = {{ file = 'key' }}\n\
         token_endpoint = {{ url = '{0}/login', key_field = 'key', expires_at = '/exp' }}\n",
        server.url()
    );
    std::fs::write(home.path("multi-auth.toml"), config).unwrap();
    (home, server)
}

#[tokio::test]
async fn a_clock_that_is_off_does_no_harm_to_a_token_whose_vendor_says_what_time_it_is() {
    let (home, _server) = expiring("2000-01-01T01:00:00Z").await;
    let run = home.run(&["check", "--timeout", "5"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
async fn a_token_that_has_ended_when_it_comes_tells_of_clock_and_unit() {
    let (home, _server) = expiring("2000-01-01T00:00:00Z").await;
    let run = assert_named(&home, "unexpected-response", 1).await;
    for word in ["clock", "in seconds"] {
        assert!(run.output.contains(word), "{run:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong() {
    let refused = wrong_date(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    let (home, _server) = answering(token(), refused.clone()).await;
    assert_named(&home, "clock-skew", 1).await;
    // No clock has to do with a key that is sent as it is.
    let (home, _server) = home_answered(refused).await;
    let run = assert_named(&home, "refused-key", 1).await;
    assert!(run.output.contains("this machine's clock is"), "{run:?}");
    assert!(run.output.contains(" days off the vendor's"), "{run:?}");
    // Nor has the vendor's clock with what a cache has kept.
    let day = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    let day = jiff::fmt::rfc2822::to_string(&day.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    let kept = ScriptedResponse::new(StatusCode::UNAUTHORIZED)
        .with_header("date", &day)
        .unwrap();
    let (home, _server) = answering(token(), kept.with_header("age", "86400").unwrap()).await;
    assert_named(&home, "wrong-region", 1).await;
}
