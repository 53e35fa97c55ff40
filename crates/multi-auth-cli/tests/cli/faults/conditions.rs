//! Refusals that the file describes.

use http::StatusCode;
use multi_auth_testing::ScriptedResponse;
use serde_json::json;

use super::answers::home_answered;
use super::{assert_named, header};

const CONDITIONS: &str = "refused_if = [{ json = '/error', equals = ['invalid_auth'] }]\n\
                          forbidden_if = [{ json = '/error', equals = ['missing_scope'] }]\n";

/// Checks a key whose vendor answers with status 200 and this error.
async fn assert_error_named(error: &str, rule: &str) {
    let body = json!({ "ok": false, "error": error });
    let answer = ScriptedResponse::new(StatusCode::OK).with_json(&body);
    let (home, server) = home_answered(answer).await;
    let text = header(server.url(), "{ file = 'key' }") + CONDITIONS;
    std::fs::write(home.path("multi-auth.toml"), text).unwrap();
    assert_named(&home, rule, 1).await;
}

#[tokio::test]
async fn a_key_that_is_refused_in_the_body_of_a_success() {
    assert_error_named("invalid_auth", "refused-key").await;
}

#[tokio::test]
async fn a_permission_that_is_missing_in_the_body_of_a_success() {
    assert_error_named("missing_scope", "missing-permission").await;
}
