//! What Vault can have wrong.

use http::StatusCode;
use multi_auth_testing::{Fault, ScriptedResponse, ScriptedServer};
use serde_json::json;

use super::assert_named;
use crate::program::Home;

#[tokio::test]
async fn what_vault_has_wrong() {
    let server = ScriptedServer::start().await.unwrap();
    let with = |vault: &str, location: &str| {
        let home = Home::new(&format!(
            "[vault]\nurl = '{vault}'\ntoken = {{ file = 'token' }}\n\
             [vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {{ vault = '{location}' }}"
        ));
        home.secret("token", "t-canary");
        home
    };
    for (code, rule, exit) in [
        (404, "secret-missing", 1),
        (403, "secret-unreadable", 1),
        (429, "rate-limited", 3),
        (503, "vendor-down", 3),
    ] {
        server.clear_faults();
        let answer =
            ScriptedResponse::new(StatusCode::from_u16(code).unwrap()).with_json(&json!({}));
        server.inject(Fault::response(answer));
        assert_named(&with(server.url(), "secret/a#b"), rule, exit).await;
    }
    let url = server.url().to_owned();
    drop(server);
    assert_named(&with(&url, "secret/a#b"), "connection", 3).await;
    assert_named(&with("http://vault.example", "secret/a#b"), "http-url", 2).await;
    assert_named(&with("https://vault.example", "nohash"), "config", 2).await;
}
