//! Pages for people: where one is what the vendor serves, and where it is another host's.

use http::StatusCode;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::program::Home;

/// A vendor with a Basic key, whose `verify` is said by `fields`.
async fn basic(fields: &str) -> (ScriptedServer, Home) {
    let server = ScriptedServer::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{}/status'\nscheme = 'basic'\nkey = {{ file = 'key' }}\n{fields}\n",
        server.url()
    ));
    home.secret("key", "user:canary");
    (server, home)
}

/// The page, and `refusal` for requests without a credential.
fn closed(server: &ScriptedServer, refusal: impl Fn() -> ScriptedResponse + Send + Sync + 'static) {
    server.respond_with(move |request| match request.header("authorization") {
        Some("Basic dXNlcjpjYW5hcnk=") => ScriptedResponse::html(),
        _ => refusal(),
    });
}

#[tokio::test]
async fn a_page_that_only_the_credential_opens_is_accepted() {
    for verify in ["verify = ''", "verify = '/me'", "verify = '?full=1'"] {
        let (server, home) = basic(verify).await;
        closed(&server, || ScriptedResponse::new(StatusCode::UNAUTHORIZED));
        let run = home.run(&["check", "--json"]).await;
        assert_eq!(run.shows_no_key().code, Some(0), "{verify}: {run:?}");
        assert_eq!(run.json()["vendors"][0]["status"], "accepted");
    }
    let (server, home) = basic("verify = ''").await;
    let login = || ScriptedResponse::redirect(StatusCode::FOUND, "/login").unwrap();
    closed(&server, login);
    assert_eq!(home.run(&["check"]).await.code, Some(0));
    assert_eq!(server.requests().pop().unwrap().path, "/status");
}

/// One vendor's host answers 200 with HTML for any path.
#[tokio::test]
async fn a_page_that_everybody_gets_says_nothing_of_the_credential() {
    let (server, home) = basic("verify = '/me'").await;
    server.respond_with(|_| ScriptedResponse::html());
    let run = home.run(&["check"]).await;
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.output.contains("error[wrong-host]"), "{run:?}");
    // Nor does one that fails to answer the second time.
    closed(&server, || ScriptedResponse::new(StatusCode::BAD_GATEWAY));
    assert_eq!(home.run(&["check"]).await.code, Some(1));
}

#[tokio::test]
async fn a_preset_whose_api_answers_with_a_page_is_at_the_wrong_host() {
    let server = ScriptedServer::start().await.unwrap();
    closed(&server, || ScriptedResponse::new(StatusCode::UNAUTHORIZED));
    let home = Home::new(&format!(
        "[vendors.v]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = 'key' }}\n",
        server.url()
    ));
    home.secret("key", "user:canary");
    let run = home.run(&["check"]).await;
    assert!(run.output.contains("error[wrong-host]"), "{run:?}");
    assert_eq!(server.request_count(), 1);
}

#[test]
fn the_url_itself_can_be_what_is_asked() {
    // In its own words too, which is what people write first.
    let text = |verify| {
        format!(
            "[vendors.v]\nurl = 'https://v.example/status'\nscheme = 'bearer'\nkey = {{ env = 'K' }}\nverify = '{verify}'\n"
        )
    };
    for (verify, asked) in [
        ("", "https://v.example/status"),
        ("https://v.example/status", "https://v.example/status"),
        ("?a=b", "https://v.example/status?a=b"),
        ("/me", "https://v.example/status/me"),
    ] {
        let config = multi_auth_config::Config::parse(&text(verify), "", []).unwrap();
        assert_eq!(config.vendors()[0].verification(), Some(asked));
    }
    for verify in ["me", "https://other.example/", "/../../up"] {
        multi_auth_config::Config::parse(&text(verify), "", []).unwrap_err();
    }
}
