//! Everything that can be wrong with a credential is named, with its remedy, and ends with its exit
//! code.

mod answers;
mod conditions;
mod token_requests;
mod vault;

use multi_auth_testing::{ScriptedResponse, ScriptedServer};
use serde_json::json;

use self::answers::home_answered;
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
    assert_eq!(error["code"], rule, "{run:?}");
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

#[tokio::test]
async fn vendors_that_are_wrong_are_all_named() {
    let entry = |name, scheme| {
        format!("[vendors.{name}]\nurl = '{scheme}://{name}.example'\nscheme = 'bearer'\n")
    };
    let home = Home::new(&(entry("a", "https") + &entry("b", "http") + "key = { env = 'K' }\n"));
    let run = assert_named(&home, "config", 2).await;
    let error = run.json()["error"].clone();
    assert_eq!(error["others"][0]["code"], "http-url");
    let people = home.run(&["check"]).await;
    assert!(
        people
            .errors
            .contains("error[http-url]: multi-auth.toml:5:7: vendors.b.url"),
        "{people:?}"
    );

    let keys = "key = { env = 'MULTI_AUTH_NO_SUCH_VARIABLE' }\n";
    let one = home_at("https://v.example");
    let two = entry("v", "https")
        + keys
        + &entry("w", "https").replace("w.example", "v.example/w")
        + keys;
    std::fs::write(one.path("multi-auth.toml"), two).unwrap();
    let run = one.run(&["request", "https://v.example/w"]).await;
    assert_eq!(
        run.errors.matches("error[secret-missing]").count(),
        2,
        "{run:?}"
    );
    assert_eq!(run.code, Some(1));
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

/// `problem` and `remedy` of the first vendor of `home`.
async fn problem_and_remedy(home: &Home) -> (String, String) {
    let json = home.run(&["check", "--json"]).await.json();
    let text = |field: &str| {
        json["vendors"][0]["error"][field]
            .as_str()
            .unwrap()
            .to_owned()
    };
    (text("problem"), text("remedy"))
}

#[tokio::test]
async fn a_remedy_with_colons_is_printed_whole() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new(&header("https://v.example", "{ file = 'key' }"));
    let path = home.path("key");
    std::fs::write(&path, "k-1").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (problem, remedy) = problem_and_remedy(&home).await;
    assert!(
        problem.ends_with("can be read or written by everyone on this machine"),
        "{problem}"
    );
    assert_eq!(
        remedy,
        "remove that permission (`chmod o= FILE`; in Kubernetes, `defaultMode: 0440`)"
    );
}

#[tokio::test]
async fn the_fact_is_printed_whole_and_the_remedy_separately() {
    let home = Home::new(&header("https://v.example", "{ command = ['false'] }"));
    let (problem, remedy) = problem_and_remedy(&home).await;
    assert!(
        problem.ends_with("the command false failed (exit status: 1)"),
        "{problem}"
    );
    assert!(remedy.starts_with("run it by hand"), "{remedy}");

    let vault =
        "[vault]\nurl = 'https://vault.example'\ntoken = { env = 'MULTI_AUTH_NO_SUCH_VARIABLE' }\n";
    let home = Home::new(&(vault.to_owned() + &header("https://v.example", "{ vault = 'a/b#c' }")));
    let (problem, remedy) = problem_and_remedy(&home).await;
    assert!(
        problem.ends_with("the environment variable was not found"),
        "{problem}"
    );
    assert_eq!(remedy, "create it, or correct its name");

    let home = Home::new(&header("https://v.example", "{ file = 'a: b' }"));
    home.secret("a: b", "");
    let (problem, remedy) = problem_and_remedy(&home).await;
    assert!(problem.ends_with("a: b is empty"), "{problem}");
    assert_eq!(remedy, "put the key there");
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
    assert_named(&home, "secret-format", 1).await;
    home.secret("key", [0xff, 0xfe]);
    assert_named(&home, "secret-format", 1).await;
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
    let (home, server) = home_answered(ScriptedResponse::default()).await;
    let config = format!("{}expires_at = 2020-01-01\n", with_file(server.url()));
    std::fs::write(home.path("multi-auth.toml"), config).unwrap();
    assert_named(&home, "expired-key", 1).await;
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn an_empty_configuration_fails_a_deployment() {
    assert_named(&Home::new(""), "config", 2).await;
    assert_named(&Home::empty(), "config", 2).await;
}

#[tokio::test]
async fn a_value_in_the_wrong_field_is_a_configuration_error() {
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
        .map(|vendor| (vendor["vendor"].clone(), vendor["error"]["code"].clone()))
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
