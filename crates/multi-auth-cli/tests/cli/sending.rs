//! `request` and `header`.

use multi_auth_testing::{AlphamoonKey, AlphamoonSimulator, Answer, ScriptedServer};

use crate::program::Home;

async fn server_and_home() -> (ScriptedServer, Home) {
    let server = ScriptedServer::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{}'\nscheme = 'header'\nname = 'x-key'\nkey = {{ file = 'key' }}\n\
         [vendors.other]\npreset = 'alphamoon'\nkey = {{ file = 'none' }}\n",
        server.url()
    ));
    home.secret("key", "k-canary\n");
    (server, home)
}

#[tokio::test]
async fn a_request_carries_the_credential_of_its_url() {
    let (server, home) = server_and_home().await;
    server.answer_with(|_| Answer::default().with_body("fine"));
    let url = format!("{}/v1?a=b", server.url());
    let run = home
        .run(&[
            "request", "-X", "PUT", &url, "-H", "X-Own: 1", "-d", "body", "-i",
        ])
        .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.output.starts_with("200 OK\n") && run.output.ends_with("\n\nfine"),
        "{run:?}"
    );
    run.shows_no_key();
    let sent = server.requests().pop().unwrap();
    assert_eq!((sent.method.as_str(), &*sent.body), ("PUT", &b"body"[..]));
    assert_eq!(sent.header("x-key"), Some("k-canary"));
    assert_eq!(sent.header("x-own"), Some("1"));
}

#[tokio::test]
async fn data_makes_a_post_and_comes_from_a_file_too() {
    let (server, home) = server_and_home().await;
    std::fs::write(home.path("body"), "from a file").unwrap();
    let run = home
        .run(&["request", server.url(), "-d", "@body", "--json"])
        .await;
    assert_eq!(run.json()["status"], 200);
    let sent = server.requests().pop().unwrap();
    assert_eq!(
        (sent.method.as_str(), &*sent.body),
        ("POST", &b"from a file"[..])
    );
}

#[tokio::test]
async fn an_answer_that_is_an_error_ends_with_1_and_none_with_3() {
    let (server, home) = server_and_home().await;
    server.push(Answer::new(http::StatusCode::NOT_FOUND));
    assert_eq!(home.run(&["request", server.url()]).await.code, Some(1));
    let url = server.url().to_owned();
    drop(server);
    let run = home.run(&["request", &url, "--json"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(run.json()["error"]["rule"], "connection");
}

#[tokio::test]
async fn a_url_of_nobodys_gets_no_credential_and_a_warning() {
    let (_server, home) = server_and_home().await;
    let other = ScriptedServer::start().await.unwrap();
    let run = home.run(&["request", other.url()]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.errors.contains("no vendor of the configuration"),
        "{run:?}"
    );
    assert_eq!(other.requests().pop().unwrap().header("x-key"), None);
    let run = home.run(&["header", "--show-secret", other.url()]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[tokio::test]
async fn a_header_is_shown_only_to_those_who_ask_for_it() {
    let (server, home) = server_and_home().await;
    let run = home.run(&["header", server.url()]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.shows_no_key().errors.contains("--show-secret"));
    let run = home.run(&["header", "--show-secret", server.url()]).await;
    assert_eq!(run.output, "x-key: k-canary\n");
    let run = home
        .run(&["header", "--show-secret", "--json", server.url()])
        .await;
    assert_eq!(run.json()["headers"]["x-key"], "k-canary");
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn a_key_that_is_replaced_while_requests_are_sent_costs_none_of_them() {
    let server = AlphamoonSimulator::start().await.unwrap();
    server.add_key(AlphamoonKey::new("new:key"));
    let home = Home::new(&format!(
        "[vendors.v]\npreset = 'alphamoon'\nurl = '{}'\nkey = {{ file = 'key' }}\n",
        server.url()
    ));
    home.secret("key", server.organization_key());
    let url = format!("{}/api/v0.3/processes", server.url());
    let hold = server.hold("/api");
    let arguments = ["request", &url, "--times", "2000", "--json"];
    let load = home.run(&arguments);
    let rotate = async {
        hold.arrived(1).await;
        hold.release();
        home.secret("key", "new:key");
    };
    let (run, ()) = tokio::join!(load, rotate);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.json()["statuses"]["200"], 2000);
    let last = server.requests().pop().unwrap();
    assert_eq!(last.header("authorization"), Some("Basic bmV3OmtleQ=="));
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_without_being_repeated() {
    let (server, home) = server_and_home().await;
    for arguments in [
        &["request", "canary"][..],
        &["request", server.url(), "-H", "canary"],
        &["request", server.url(), "-d", "@/no/such/file"],
        &["header", "--show-secret", "canary"],
    ] {
        let run = home.run(arguments).await;
        assert_eq!(run.code, Some(2), "{run:?}");
        run.shows_no_key();
    }
    assert_eq!(server.request_count(), 0);
}
