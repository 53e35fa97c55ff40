//! `request` and `header`.

use std::process::Stdio;
use std::time::Duration;

use multi_auth_testing::{AlphamoonKey, AlphamoonSimulator, ScriptedResponse, ScriptedServer};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

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
    server.respond_with(|_| ScriptedResponse::default().with_body("fine"));
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
    server.push(ScriptedResponse::new(http::StatusCode::NOT_FOUND));
    assert_eq!(home.run(&["request", server.url()]).await.code, Some(1));
    let url = server.url().to_owned();
    drop(server);
    let run = home.run(&["request", &url, "--json"]).await;
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(run.json()["error"]["code"], "connection");
}

#[tokio::test]
async fn an_unbound_url_gets_no_credential_and_a_warning() {
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
async fn a_path_outside_the_protection_space_and_a_missing_account_are_reported() {
    let server = ScriptedServer::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{0}/v1'\nscheme = 'bearer'\nkey = {{ file = 'key' }}\n\
         [vendors.north]\nurl = '{0}'\naccount = 'north'\nscheme = 'bearer'\nkey = {{ file = 'key' }}",
        server.url()
    ));
    home.secret("key", "k-canary");
    let at = |path: &str| format!("{}{path}", server.url());
    let run = home.run(&["request", &at("/v10")]).await;
    assert!(
        run.errors.contains("the request has no credential"),
        "{run:?}"
    );
    let run = home.run(&["header", "--show-secret", &at("/v10")]).await;
    assert_eq!((run.code, &*run.output), (Some(2), ""), "{run:?}");
    let run = home
        .run(&["header", "--show-secret", "--account", "north", &at("/v10")])
        .await;
    assert_eq!(run.output, "authorization: Bearer k-canary\n", "{run:?}");
    let run = home
        .run(&["request", "--account", "south", &at("/v1")])
        .await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("--account"), "{run:?}");
}

#[tokio::test]
async fn data_and_fields_come_from_private_places() {
    let (server, home) = server_and_home().await;
    std::fs::write(home.path("fields"), "X-One: 1\nX-Two: 2\n").unwrap();
    let run = home
        .answering(
            &["request", server.url(), "-d", "@-", "-H", "@fields"],
            "typed",
        )
        .await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let sent = server.requests().pop().unwrap();
    assert_eq!(&*sent.body, b"typed");
    assert_eq!(
        (sent.header("x-one"), sent.header("x-two")),
        (Some("1"), Some("2"))
    );
    assert_eq!(
        sent.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_shown_and_not_followed() {
    let (server, home) = server_and_home().await;
    let other = ScriptedServer::start().await.unwrap();
    let to = format!("{}/leak?k=k-canary", other.url());
    server.push(ScriptedResponse::redirect(http::StatusCode::TEMPORARY_REDIRECT, &to).unwrap());
    let run = home
        .run(&["request", server.url(), "-d", "body-canary", "-i"])
        .await;
    assert!(run.output.starts_with("307"), "{run:?}");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(other.request_count(), 0);

    server.push(ScriptedResponse::redirect(http::StatusCode::FOUND, &to).unwrap());
    let run = home.run(&["request", server.url()]).await;
    assert_eq!(run.shows_no_key().code, Some(1), "{run:?}");
    assert!(run.errors.contains("error[redirect]"), "{run:?}");
    assert!(run.errors.contains("302 Found"), "{run:?}");
    let leads = format!("leads to {} and was not followed", other.url());
    assert!(run.errors.contains(&leads), "{run:?}");
    server.push(ScriptedResponse::redirect(http::StatusCode::FOUND, &to).unwrap());
    let run = home.run(&["request", server.url(), "--times", "1"]).await;
    assert_eq!(run.shows_no_key().code, Some(1), "{run:?}");
    assert_eq!(other.request_count(), 0);
}

#[tokio::test]
async fn no_proxy_hears_of_what_stays_on_this_machine() {
    let (server, home) = server_and_home().await;
    let proxy = ScriptedServer::start().await.unwrap();
    let config = std::fs::read_to_string(home.path("multi-auth.toml")).unwrap();
    let config = config.replacen("key = ", "verify = '/'\nkey = ", 1);
    std::fs::write(home.path("multi-auth.toml"), config).unwrap();
    for arguments in [&["request", server.url()][..], &["check", "v"]] {
        let mut command = home.command(arguments);
        for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
            command.env(variable, proxy.url());
        }
        let output = command.output().await.unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!((proxy.request_count(), server.request_count()), (0, 2));
}

#[tokio::test]
async fn invalid_input_is_reported_without_being_repeated() {
    let (server, home) = server_and_home().await;
    for arguments in [
        &["request", "canary"][..],
        &["request", server.url(), "-H", "canary"],
        &["request", server.url(), "-d", "@/no/such/file"],
        &["header", "--show-secret", "canary"],
        &["request", "ftp://canary.example"],
        &["request", server.url(), "-H", "X-Key:", "canary"],
        &["request", server.url(), "https://u:canary@v.example"],
        &["check", "--timeout", "canary"],
        &["check", "https://u:canary@v.example"],
    ] {
        let run = home.run(arguments).await;
        assert_eq!(run.code, Some(2), "{run:?}");
        run.shows_no_key();
        let json = home.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!(
            json.shows_no_key().json()["error"]["code"],
            "usage",
            "{json:?}"
        );
    }
    assert_eq!(server.request_count(), 0);
}

#[tokio::test]
async fn errors_under_load_are_reported_without_the_query() {
    let server = ScriptedServer::start().await.unwrap();
    let url = format!("{}/?x=canary", server.url());
    drop(server);
    let home = Home::new("[vendors.v]\npreset = 'alphamoon'\nkey = { file = 'key' }");
    let run = home.run(&["request", &url, "--times", "2", "-vv"]).await;
    assert_eq!(run.shows_no_key().code, Some(3), "{run:?}");
    assert!(run.errors.contains("no answer"), "{run:?}");
}

#[tokio::test]
async fn a_reader_that_stops_ends_the_response() {
    let (server, home) = server_and_home().await;
    server.respond_with(|_| ScriptedResponse::default().with_endless_body("canary\n"));
    let mut command = home.command(&["request", server.url(), "--timeout", "600"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut [0; 64]).await.unwrap();
    drop(output);
    let ended = timeout(Duration::from_secs(60), child.wait()).await;
    assert_eq!(ended.expect("it ends").unwrap().code(), Some(0));
}

#[tokio::test]
async fn an_answer_that_breaks_off_counts_as_none_under_load_too() {
    let (server, home) = server_and_home().await;
    server.respond_with(|_| {
        ScriptedResponse::default().with_dripping_body("canary", Duration::from_secs(600))
    });
    for arguments in [&[][..], &["--times", "1"]] {
        let request = ["request", server.url(), "--timeout", "1", "--json"];
        let run = home.run(&[&request, arguments].concat()).await;
        assert_eq!(run.code, Some(3), "{run:?}");
        if !arguments.is_empty() {
            assert_eq!(run.json()["failed"], 1, "{run:?}");
        }
    }
}

#[tokio::test]
async fn empty_data_has_the_same_length_field_as_with_curl() {
    let (server, home) = server_and_home().await;
    std::fs::write(home.path("none"), "").unwrap();
    for data in ["", "@none", "@-"] {
        let run = home.run(&["request", server.url(), "-d", data]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.method.as_str(), "POST");
        assert_eq!(sent.header("content-length"), Some("0"), "{data:?}");
    }
}

#[tokio::test]
async fn header_fields_come_from_the_input_too() {
    let (server, home) = server_and_home().await;
    let arguments = ["request", server.url(), "-H", "@-"];
    let run = home.answering(&arguments, "X-Own: k-canary\n").await;
    assert_eq!(run.shows_no_key().code, Some(0), "{run:?}");
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header("x-own"), Some("k-canary"));
}
