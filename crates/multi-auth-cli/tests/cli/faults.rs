//! Everything that can be wrong with a credential is named, with its remedy, and ends with its exit code.

use http::StatusCode;
use multi_auth_testing::{Answer, Fault, ScriptedServer};
use serde_json::json;

use crate::program::{Home, Run, set_mode};

/// Checks the one vendor of `home`, and that it fails by `rule` with the exit code.
async fn assert_named(home: &Home, rule: &str, code: i32) -> Run {
    let run = home.run(&["check", "--json", "--timeout", "5"]).await;
    run.shows_no_key();
    let json = run.json();
    let error = match json.get("error") {
        Some(error) => error,
        None => &json["vendors"][0]["error"],
    };
    assert_eq!(error["rule"], rule, "{run:?}");
    let remedy = error["remedy"].as_str().unwrap();
    assert!(!remedy.is_empty());
    assert_eq!(run.code, Some(code), "{run:?}");

    let people = home.run(&["check", "--timeout", "5"]).await;
    people.shows_no_key();
    assert!(
        people.shown().contains(&format!("error[{rule}]")),
        "{people:?}"
    );
    assert!(people.shown().contains(remedy), "{people:?}");
    assert_eq!(people.code, Some(code));
    run
}

/// A vendor with a key in a header at `url`.
fn header(url: &str, key: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'header'\nname = 'x-key'\nverify = '/me'\nkey = {key}\n"
    )
}

fn with_file(url: &str) -> String {
    header(url, "{ file = 'key' }")
}

/// A home whose key is fine, and whose vendor is at `url`.
fn home_at(url: &str) -> Home {
    let home = Home::new(&with_file(url));
    home.secret("key", "k-canary");
    home
}

/// A home whose vendor gives `answer` to every request.
async fn home_answered(answer: impl Into<Answer>) -> (Home, ScriptedServer) {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::answer(answer));
    (home_at(server.url()), server)
}

#[tokio::test]
async fn a_secret_that_is_missing() {
    let home = Home::new(&with_file("https://v.example"));
    assert_named(&home, "secret-missing", 1).await;
    let home = Home::new(&header(
        "https://v.example",
        "{ env = 'MULTI_AUTH_NO_SUCH_VARIABLE' }",
    ));
    assert_named(&home, "secret-missing", 1).await;
    let home = Home::new(&with_file("https://v.example"));
    home.secret("key", "");
    assert_named(&home, "secret-missing", 1).await;
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_or_that_others_can() {
    let home = home_at("https://v.example");
    set_mode(&home.path("key"), 0o644);
    assert_named(&home, "secret-unreadable", 1).await;
    let home = Home::new(&header("https://v.example", "{ command = ['false'] }"));
    assert_named(&home, "secret-unreadable", 1).await;
}

#[tokio::test]
async fn a_secret_with_a_line_break_in_it() {
    let home = home_at("https://v.example");
    home.secret("key", "k-canary\nk-canary");
    assert_named(&home, "secret-newline", 1).await;
}

#[tokio::test]
async fn a_secret_of_the_wrong_form() {
    let home = Home::new("[vendors.v]\npreset = 'alphamoon'\nkey = { file = 'key' }");
    home.secret("key", "canary-without-a-colon");
    assert_named(&home, "secret-form", 1).await;
    home.secret("key", [0xff, 0xfe]);
    assert_named(&home, "secret-form", 1).await;
}

#[tokio::test]
async fn a_plain_http_url() {
    let home = home_at("http://v.example");
    let run = assert_named(&home, "http-url", 2).await;
    assert!(
        run.output.contains("multi-auth.toml:2:7: vendors.v.url"),
        "{run:?}"
    );
}

#[tokio::test]
async fn a_configuration_that_cannot_be_meant() {
    let home = Home::new("[vendors.v]\nkey = 'canary'");
    assert_named(&home, "config", 2).await;
}

#[tokio::test]
async fn a_key_that_has_ended() {
    let (home, server) = home_answered(Answer::default()).await;
    let config = format!("{}expires_at = 2020-01-01\n", with_file(server.url()));
    std::fs::write(home.path("multi-auth.toml"), config).unwrap();
    assert_named(&home, "expired-key", 1).await;
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_key_that_is_refused() {
    let (home, _server) = home_answered(Answer::new(StatusCode::UNAUTHORIZED)).await;
    assert_named(&home, "refused-key", 1).await;
}

#[tokio::test]
async fn a_permission_that_is_missing() {
    let (home, _server) = home_answered(Answer::new(StatusCode::FORBIDDEN)).await;
    assert_named(&home, "missing-permission", 1).await;
}

#[tokio::test]
async fn a_web_page_in_the_place_of_the_api() {
    let (home, _server) = home_answered(Answer::html()).await;
    assert_named(&home, "wrong-host", 1).await;
}

#[tokio::test]
async fn a_redirect() {
    let answer = Answer::redirect(StatusCode::FOUND, "https://other.example/?k=canary").unwrap();
    let (home, _server) = home_answered(answer).await;
    assert_named(&home, "redirect", 1).await;
}

#[tokio::test]
async fn a_rate_limit() {
    let (home, _server) = home_answered(Answer::new(StatusCode::TOO_MANY_REQUESTS)).await;
    assert_named(&home, "rate-limited", 3).await;
}

#[tokio::test]
async fn a_vendor_that_is_down() {
    let (home, _server) = home_answered(Answer::new(StatusCode::BAD_GATEWAY)).await;
    assert_named(&home, "vendor-down", 3).await;
}

#[tokio::test]
async fn an_answer_that_nobody_expected() {
    let (home, _server) = home_answered(Answer::new(StatusCode::NOT_FOUND)).await;
    assert_named(&home, "unexpected-answer", 1).await;
}

fn wrong_date(answer: Answer) -> Answer {
    answer
        .with_header("date", "Sat, 01 Jan 2000 00:00:00 GMT")
        .unwrap()
}

#[tokio::test]
async fn a_clock_that_is_wrong() {
    let refused = wrong_date(Answer::new(StatusCode::UNAUTHORIZED));
    let (home, _server) = exchanging(token(), refused.clone()).await;
    assert_named(&home, "clock-skew", 1).await;
    // No clock has to do with a key that is sent as it is.
    let (home, _server) = home_answered(refused).await;
    let run = assert_named(&home, "refused-key", 1).await;
    assert!(run.output.contains("this machine's clock is"), "{run:?}");
    // Nor has the vendor's clock with what a cache has kept.
    let day = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    let day = jiff::fmt::rfc2822::to_string(&day.to_zoned(jiff::tz::TimeZone::UTC)).unwrap();
    let kept = Answer::new(StatusCode::UNAUTHORIZED)
        .with_header("date", &day)
        .unwrap();
    let (home, _server) = exchanging(token(), kept.with_header("age", "86400").unwrap()).await;
    assert_named(&home, "wrong-region", 1).await;
}

#[tokio::test]
async fn what_a_status_does_not_say_alone() {
    let lacking = "Bearer error=\"insufficient_scope\"";
    let invalid = "Bearer error=\"invalid_token\"";
    let status = |code: u16| Answer::new(StatusCode::from_u16(code).unwrap());
    let page = |answer: Answer| answer.with_body("<!DOCTYPE html><p>canary");
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
        (status(304), "unexpected-answer", 1),
        (status(408), "timeout", 3),
        (status(407), "connection", 3),
    ] {
        let (home, _server) = home_answered(answer).await;
        assert_named(&home, rule, code).await;
    }
}

#[tokio::test]
async fn a_configuration_that_names_nobody_lets_no_deployment_pass() {
    assert_named(&Home::new(""), "config", 2).await;
    assert_named(&Home::empty(), "config", 2).await;
}

#[tokio::test]
async fn what_stands_in_the_wrong_field_is_a_fault_of_the_configuration() {
    let user = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'basic'\nuser = 'a:canary'\nkey = { file = 'key' }";
    let prefix = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'authorization'\nprefix = \"canary\\n\"\nkey = { file = 'key' }";
    for text in [user, prefix] {
        assert_named(&Home::new(text), "config", 2).await;
    }
    let home = home_at("https://v.example");
    std::fs::write(home.path("ca.pem"), "canary").unwrap();
    let run = home.run(&["check", "--ca", "ca.pem"]).await;
    assert_eq!(run.shows_no_key().code, Some(2), "{run:?}");
}

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
        let answer = Answer::new(StatusCode::from_u16(code).unwrap()).with_json(&json!({}));
        server.inject(Fault::answer(answer));
        assert_named(&with(server.url(), "secret/a#b"), rule, exit).await;
    }
    let url = server.url().to_owned();
    drop(server);
    assert_named(&with(&url, "secret/a#b"), "connection", 3).await;
    assert_named(&with("http://vault.example", "secret/a#b"), "http-url", 2).await;
    assert_named(&with("https://vault.example", "nohash"), "config", 2).await;
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
        run.json()["vendors"][0]["error"]["rule"],
        "timeout",
        "{run:?}"
    );
    assert_eq!(run.code, Some(3));
}

/// A vendor whose key is exchanged for a token, with what the exchange and the API answer.
async fn exchanging(exchange: impl Into<Answer>, api: impl Into<Answer>) -> (Home, ScriptedServer) {
    let server = ScriptedServer::start().await.unwrap();
    server.inject(Fault::answer(exchange).on("/login"));
    server.inject(Fault::answer(api).on("/me"));
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{0}'\nscheme = 'exchange'\nverify = '/me'\nkey = {{ file = 'key' }}\n\
         exchange = {{ url = '{0}/login', key_field = 'key' }}\n",
        server.url()
    ));
    home.secret("key", "k-canary");
    (home, server)
}

fn token() -> Answer {
    Answer::default().with_json(&json!({ "access_token": "t-canary", "expires_in": 3600 }))
}

#[tokio::test]
async fn a_region_that_refuses_fresh_tokens() {
    let (home, _server) = exchanging(token(), Answer::new(StatusCode::UNAUTHORIZED)).await;
    assert_named(&home, "wrong-region", 1).await;
}

#[tokio::test]
async fn a_token_that_lacks_a_permission() {
    let challenge = "Bearer error=\"insufficient_scope\"";
    let lacking = Answer::new(StatusCode::UNAUTHORIZED).with_header("www-authenticate", challenge);
    let (home, _server) = exchanging(token(), lacking.unwrap()).await;
    assert_named(&home, "missing-permission", 1).await;
}

#[tokio::test]
async fn what_an_exchange_can_have_wrong() {
    let not_found = Answer::new(StatusCode::NOT_FOUND);
    for (answer, rule, code) in [
        (Answer::new(StatusCode::UNAUTHORIZED), "refused-key", 1),
        (Answer::new(StatusCode::FORBIDDEN), "missing-permission", 1),
        (Answer::html(), "wrong-host", 1),
        (
            Answer::redirect(StatusCode::FOUND, "/canary").unwrap(),
            "redirect",
            1,
        ),
        (
            Answer::new(StatusCode::TOO_MANY_REQUESTS),
            "rate-limited",
            3,
        ),
        (
            Answer::new(StatusCode::SERVICE_UNAVAILABLE),
            "vendor-down",
            3,
        ),
        (
            Answer::default().with_json(&json!({ "canary": 1 })),
            "unexpected-answer",
            1,
        ),
    ] {
        let (home, _server) = exchanging(answer, not_found.clone()).await;
        assert_named(&home, rule, code).await;
    }
}

#[tokio::test]
async fn a_token_that_has_ended_when_it_comes_tells_of_a_wrong_clock() {
    let ended = json!({ "access_token": "t-canary", "exp": "2000-01-01T01:00:00Z" });
    let ended = Answer::default().with_json(&ended);
    let ended = ended
        .with_header("date", "Sat, 01 Jan 2000 00:00:00 GMT")
        .unwrap();
    let (home, server) = exchanging(ended, Answer::default()).await;
    let config = format!(
        "[vendors.v]\nurl = '{0}'\nscheme = 'exchange'\nverify = '/me'\nkey = {{ file = 'key' }}\n\
         exchange = {{ url = '{0}/login', key_field = 'key', expires_at = '/exp' }}\n",
        server.url()
    );
    std::fs::write(home.path("multi-auth.toml"), config).unwrap();
    assert_named(&home, "clock-skew", 1).await;
}

#[tokio::test]
async fn one_fault_hides_no_other_vendor() {
    let server = ScriptedServer::start().await.unwrap();
    let _hold = server.hold("/slow");
    let mut config = with_file(server.url());
    config.push_str("[vendors.gone]\npreset = 'alphamoon'\nkey = { file = 'none' }\n");
    let slow = "scheme = 'bearer'\nverify = '/me'\nkey = { file = 'key' }\n";
    let slow = format!("[vendors.slow]\nurl = '{}/slow'\n{slow}", server.url());
    config.push_str(&slow);
    let home = Home::new(&config);
    home.secret("key", "k-canary");
    let run = home.run(&["check", "--json", "--timeout", "0.5"]).await;
    let vendors = run.shows_no_key().json()["vendors"].clone();
    let rules: Vec<_> = vendors
        .as_array()
        .unwrap()
        .iter()
        .map(|vendor| (vendor["vendor"].clone(), vendor["error"]["rule"].clone()))
        .collect();
    let expected = [
        (json!("gone"), json!("secret-missing")),
        (json!("slow"), json!("timeout")),
        (json!("v"), json!(null)),
    ];
    assert_eq!(rules, expected, "{run:?}");
    assert_eq!(run.code, Some(1));
}

#[tokio::test]
async fn two_vendors_at_one_place() {
    let mut config = with_file("https://v.example");
    config.push_str(&with_file("https://v.example").replace("vendors.v", "vendors.w"));
    let home = Home::new(&config);
    let run = assert_named(&home, "config", 2).await;
    assert!(
        run.output.contains("multi-auth.toml:7:1: vendors.w"),
        "{run:?}"
    );
}
