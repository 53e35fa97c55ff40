//! What `check` says of credentials that work, of tokens, and of keys that end.

use std::process::Stdio;

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use multi_auth_testing::{
    AlphamoonSimulator, ImmutaSimulator, RecordedRequest, ScriptedResponse, ScriptedServer,
};

use crate::program::Home;

fn in_days(days: i64) -> String {
    let end = Timestamp::now() + SignedDuration::from_hours(24 * days + 1);
    end.to_string()
}

/// Both vendors with keys that work; Alphamoon's ends in `days`.
async fn both(days: i64) -> (Home, AlphamoonSimulator, ImmutaSimulator) {
    let (alphamoon, immuta) = tokio::join!(AlphamoonSimulator::start(), ImmutaSimulator::start());
    let (alphamoon, immuta) = (alphamoon.unwrap(), immuta.unwrap());
    let home = Home::new(&format!(
        "[vendors.alphamoon]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = 'moon' }}\nexpires_at = {}\n\
         [vendors.immuta]\npreset = 'immuta'\nurl = '{}'\nkey = {{ file = 'immuta' }}\n",
        alphamoon.url(),
        in_days(days),
        immuta.url(),
    ));
    home.secret("moon", alphamoon.organization_key());
    home.secret("immuta", immuta.api_key());
    (home, alphamoon, immuta)
}

#[tokio::test]
async fn valid_credentials_are_accepted_and_reported() {
    let (home, alphamoon, immuta) = both(100).await;
    let run = home.run(&["check", "--json"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let vendors = run.json()["vendors"].clone();
    assert_eq!(vendors[0]["status"], "accepted");
    assert_eq!(vendors[0]["sends"][0], "Authorization: Basic ****");
    assert_eq!(vendors[0]["key_from"], "the file moon");
    assert_eq!(vendors[0]["days_left"], 100);
    assert_eq!(vendors[1]["status"], "accepted");
    assert_eq!(vendors[1]["token"]["state"], "fresh");
    assert_eq!(immuta.tokens_issued(), 1);
    for key in [alphamoon.organization_key(), immuta.api_key()] {
        assert!(!run.shown().contains(key));
    }

    let people = home.run(&["check"]).await;
    assert!(people.output.contains("accepted"), "{people:?}");
    // No terminal, no colours.
    assert!(!people.shown().contains('\u{1b}'), "{people:?}");
}

/// No timestamp reaches the last hours of that year.
#[tokio::test]
async fn a_key_that_is_said_to_end_with_the_year_9999_does_not_end() {
    for end in [
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-12:00",
    ] {
        let home = Home::new(&format!(
            "[vendors.v]\npreset = 'alphamoon'\nkey = {{ file = 'key' }}\nexpires_at = {end}\n"
        ));
        home.secret("key", "canary:k");
        let run = home
            .run(&["check", "--offline", "--json", "--days", "30"])
            .await;
        assert_eq!(run.code, Some(0), "{run:?}");
        let days = run.json()["vendors"][0]["days_left"].as_i64().unwrap();
        assert!(days > 2_000_000, "{run:?}");
        assert_eq!(home.run(&["check", "--offline"]).await.code, Some(0));
    }
}

#[tokio::test]
async fn a_vendor_is_checked_by_its_name() {
    let (home, alphamoon, immuta) = both(100).await;
    let run = home.run(&["check", "immuta", "--json"]).await;
    assert_eq!(run.json()["vendors"].as_array().unwrap().len(), 1);
    assert_eq!(alphamoon.request_count(), 0);
    assert!(immuta.request_count() > 0);
    let run = home.run(&["check", "nobody"]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.errors.contains("choose one of alphamoon, immuta"),
        "{run:?}"
    );
}

#[tokio::test]
async fn a_key_that_ends_soon_is_warned_of_and_fails_a_deployment_that_asks() {
    let (home, _alphamoon, _immuta) = both(10).await;
    let run = home.run(&["check"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.output
            .contains("warning: alphamoon: the key expires in 10 days"),
        "{run:?}"
    );
    assert_eq!(home.run(&["check", "--days", "10"]).await.code, Some(0));
    let run = home.run(&["check", "--days", "200"]).await;
    assert_eq!(run.code, Some(4), "{run:?}");
    assert_eq!(home.run(&["check", "--days", "11"]).await.code, Some(4));
}

#[tokio::test]
async fn a_deployment_that_fails_for_days_reports_the_reason() {
    let (home, _alphamoon, _immuta) = both(100).await;
    let run = home.run(&["check", "--days", "200"]).await;
    assert!(
        run.output
            .contains("expires in 100 days, which is fewer than 200"),
        "{run:?}"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_write_error_is_not_a_success() {
    let home = Home::empty();
    let mut command = home.command(&["schema"]);
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let status = command.stdout(full).stderr(Stdio::null()).status().await;
    assert_eq!(status.unwrap().code(), Some(3));
}

#[tokio::test]
async fn offline_sends_no_request() {
    let (home, alphamoon, immuta) = both(100).await;
    let run = home.run(&["check", "--offline", "--json"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.json()["vendors"][0]["status"], "not-asked");
    assert_eq!((alphamoon.request_count(), immuta.request_count()), (0, 0));
}

#[tokio::test]
async fn where_no_call_is_known_the_token_is_obtained_and_nothing_more_is_claimed() {
    let home = Home::new(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { file = 'key' }\n",
    );
    home.secret("key", "k-canary");
    let run = home.run(&["check", "--json"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.json()["vendors"][0]["status"], "not-verified");
}

#[tokio::test]
async fn what_was_copied_along_with_a_key_is_warned_of() {
    let key = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { file = 'key' }";
    for (text, expected) in [
        ("\"canary\"", "quotes around it"),
        ("VENDOR_KEY=canary", "a variable name"),
    ] {
        let home = Home::new(key);
        home.secret("key", text);
        let run = home.run(&["check", "--offline"]).await;
        run.shows_no_key();
        assert!(run.shown().contains(expected), "{run:?}");
    }
}

#[tokio::test]
async fn a_path_from_the_users_directory_is_read_there() {
    let home = Home::new(
        "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { file = '~/keys/v' }",
    );
    std::fs::create_dir(home.path("keys")).unwrap();
    home.secret("keys/v", "k-1");
    let mut command = home.command(&["check", "--offline", "--json"]);
    let output = command.env("HOME", home.path("")).output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn a_vendor_whose_authenticator_is_in_the_program_cannot_be_verified_and_is_said_so() {
    let home =
        Home::new("[vendors.signed]\nurl = 'https://v.example'\nscheme = { own = 'hmac' }\n");
    let run = home.run(&["check", "--json"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let vendor = run.json()["vendors"][0].clone();
    assert_eq!(vendor["status"], "not-verifiable");
    assert_eq!(vendor["key_from"], "the program's own authenticator");
    let warning = vendor["warnings"][0].as_str().unwrap();
    assert!(warning.contains("\"hmac\""), "{warning}");
    let table = home.run(&["check"]).await;
    assert!(table.shown().contains("not verifiable"), "{table:?}");
}

#[tokio::test]
async fn a_credential_is_verified_below_the_base_url_that_its_token_response_names() {
    let server = ScriptedServer::start().await.unwrap();
    let url = server.url().to_owned();
    server.respond_with(move |request: &RecordedRequest| {
        let body = serde_json::json!({
            "access_token": "t-1", "token_type": "Bearer", "instance_url": format!("{url}/inst"),
        });
        match request.path.as_str() {
            "/token" => ScriptedResponse::new(StatusCode::OK).with_json(&body),
            _ => ScriptedResponse::new(StatusCode::OK),
        }
    });
    let home = Home::new(&format!(
        "[vendors.v]\nscheme = 'client_credentials'\nclient_id = 'c'\ntoken_url = '{url}/token'\n\
         base_url = {{ json = '/instance_url', domains = ['{url}'] }}\nverify = '/me'\nkey = {{ file = 'key' }}",
        url = server.url()
    ));
    home.secret("key", "k-1");
    let run = home.run(&["check", "--json"]).await;
    assert_eq!(run.json()["vendors"][0]["status"], "accepted", "{run:?}");
    let verified_by = format!("{}/inst/me", server.url());
    assert_eq!(run.json()["vendors"][0]["verified_by"], verified_by);
    assert_eq!(server.requests_to("/inst/me").len(), 1);
    assert_eq!(server.requests_to("/token").len(), 1);

    let run = home
        .run(&["request", &format!("{}/inst/x", server.url())])
        .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header("authorization"), Some("Bearer t-1"));
}
