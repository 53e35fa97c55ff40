//! On a terminal: colours, progress, and a question before a secret is shown. `script`, which every
//! Linux has, makes one.

use std::process::Stdio;

use multi_auth_testing::ScriptedServer;
use tokio::io::AsyncWriteExt;

use crate::program::Home;

/// Runs the program on a new terminal with `typed` as its input.
async fn on_a_terminal(home: &Home, arguments: &str, typed: &str) -> String {
    let program = env!("CARGO_BIN_EXE_multi-auth");
    let mut command = tokio::process::Command::new("script");
    command
        .args(["-qec", &format!("{program} {arguments}"), "/dev/null"])
        .current_dir(home.path(""))
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(typed.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    drop(keyboard);
    String::from_utf8(output.stdout).unwrap()
}

async fn home() -> (Home, ScriptedServer) {
    let server = ScriptedServer::start().await.unwrap();
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{}'\nscheme = 'bearer'\nverify = '/'\nkey = {{ file = 'key' }}",
        server.url()
    ));
    home.secret("key", "k-canary");
    (home, server)
}

#[tokio::test]
async fn colours_and_progress_are_for_terminals_alone() {
    let (home, _server) = home().await;
    std::fs::remove_file(home.path("key")).unwrap();
    let shown = on_a_terminal(&home, "check", "").await;
    assert!(shown.contains("0 of 1 checked"), "{shown:?}");
    assert!(
        shown.contains("\u{1b}[1m\u{1b}[31merror[secret-missing]"),
        "{shown:?}"
    );
    let run = home.run(&["check"]).await;
    assert!(!run.shown().contains(['\u{1b}', '\r']), "{run:?}");
    assert!(!run.shown().contains("of 1 checked"), "{run:?}");
}

#[tokio::test]
async fn a_secret_is_shown_on_a_terminal_once_somebody_says_yes() {
    let (home, server) = home().await;
    let arguments = format!("header {}", server.url());
    let shown = on_a_terminal(&home, &arguments, "n\n").await;
    assert!(
        shown.contains("Go on? [y/N]") && !shown.contains("canary"),
        "{shown:?}"
    );
    let shown = on_a_terminal(&home, &arguments, "y\n").await;
    assert!(
        shown.contains("authorization: Bearer k-canary"),
        "{shown:?}"
    );
}

/// Without it, the shell's prompt would follow the body on the same line.
#[tokio::test]
async fn a_body_that_ends_with_no_line_break_gets_one_on_a_terminal_alone() {
    let (home, server) = home().await;
    for (body, shown) in [("fine", "fine\r\n"), ("fine\n", "fine\r\n"), ("", "")] {
        server
            .respond_with(move |_| multi_auth_testing::ScriptedResponse::default().with_body(body));
        let arguments = format!("request {}", server.url());
        assert_eq!(on_a_terminal(&home, &arguments, "").await, shown);
        let run = home.run(&["request", server.url()]).await;
        assert_eq!(run.output, body);
    }
}
