//! `multi-auth login` and `logout`, with a browser and with a device code.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr};

use super::Server;
use super::browser::Browser;
use crate::program::{Home, Run};

/// A configuration that finds the endpoints by the issuer.
pub(super) fn home(provider: &Server) -> Home {
    let issuer = &provider.issuer;
    let home = Home::new(&format!(
        "[store]\ndirectory = 'tokens'\nkey = {{ file = 'store-key' }}\n\
         [vendors.example]\nurl = '{issuer}'\nscheme = 'refresh_token'\nissuer = '{issuer}'\n\
         client_id = 'terminal'\nscope = 'openid offline_access'\nverify = '/me'\n\
         parameters = {{ prompt = 'consent' }}\n",
    ));
    home.secret(
        "store-key",
        "l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=\n",
    );
    home
}

/// A login in progress, and what it prints.
struct Login {
    process: Child,
    lines: tokio::io::Lines<BufReader<ChildStderr>>,
    shown: String,
}

impl Login {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut command = home.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let errors = process.stderr.take().unwrap();
        Self {
            process,
            lines: BufReader::new(errors).lines(),
            shown: String::new(),
        }
    }

    /// Waits for a line with `text`, and returns the URL in it or in a later line.
    async fn url(&mut self, text: &str) -> String {
        let mut is_near = false;
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.shown.push_str(&line);
            self.shown.push('\n');
            is_near |= line.contains(text);
            let url = line
                .split_whitespace()
                .find(|word| word.starts_with("http"));
            if let Some(url) = url.filter(|_| is_near) {
                return url.to_owned();
            }
        }
        panic!("no URL: {}", self.shown);
    }

    async fn end(mut self) -> Run {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.shown.push_str(&line);
            self.shown.push('\n');
        }
        let output = self.process.wait_with_output().await.unwrap();
        Run {
            code: output.status.code(),
            output: String::from_utf8(output.stdout).unwrap(),
            errors: self.shown,
        }
    }
}

/// Logs in with a browser.
pub(super) async fn log_in(home: &Home) -> Run {
    let mut login = Login::start(home, &["login", "example", "--no-browser"]);
    let page = login.url("Log in on this page").await;
    let last = Browser::new().open(&page).await;
    assert!(last.contains("You are logged in"), "{last}");
    login.end().await
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_login_with_a_browser_works_until_the_logout() {
    let provider = Server::oidc_provider().await;
    let home = home(&provider);
    let before = home.run(&["check"]).await;
    assert_ne!(before.code, Some(0));
    assert!(before.shown().contains("multi-auth login"), "{before:?}");

    let run = log_in(&home).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.output.contains("logged in at example"), "{run:?}");
    for _ in 0..3 {
        let run = home.run(&["check", "--json"]).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(run.json()["vendors"][0]["status"], "accepted");
    }
    let me = format!("{}/me", provider.issuer);
    let run = home.run(&["request", &me]).await;
    assert!(run.output.contains("\"sub\""), "{run:?}");

    let run = home.run(&["logout", "example"]).await;
    assert!(run.output.contains("revoked and removed"), "{run:?}");
    let after = home.run(&["check"]).await;
    assert!(after.shown().contains("multi-auth login"), "{after:?}");
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_login_with_a_device_code_works() {
    let provider = Server::oidc_provider().await;
    let home = home(&provider);
    let mut login = Login::start(&home, &["login", "example", "--device", "--json"]);
    let page = login.url("Or open").await;
    assert!(login.shown.contains("enter this code"), "{}", login.shown);
    let last = Browser::new().open(&page).await;
    assert!(last.contains("Success"), "{last}");
    let run = login.end().await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.json()["stored"], true);
    let run = home.run(&["check"]).await;
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_login_that_the_person_cancels_says_so() {
    let provider = Server::oidc_provider().await;
    let home = home(&provider);
    let mut login = Login::start(&home, &["login", "example", "--no-browser"]);
    let page = login.url("Log in on this page").await;
    let last = Browser::cancelling().open(&page).await;
    assert!(last.contains("The login failed"), "{last}");
    let run = login.end().await;
    assert_ne!(run.code, Some(0));
    assert!(run.errors.contains("access_denied"), "{run:?}");
}

#[tokio::test]
#[ignore = "needs an authorization server"]
async fn a_token_that_was_revoked_elsewhere_asks_for_a_login() {
    let provider = Server::oidc_provider().await;
    let home = home(&provider);
    log_in(&home).await;
    let copy = home.path("copy");
    let files = || std::fs::read_dir(home.path("tokens")).unwrap();
    std::fs::create_dir(&copy).unwrap();
    for file in files() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    home.run(&["logout", "example"]).await;
    // The token is restored, as from a backup.
    for file in std::fs::read_dir(&copy).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), home.path("tokens").join(file.file_name())).unwrap();
    }
    let run = home.run(&["check"]).await;
    assert_ne!(run.code, Some(0));
    assert!(run.shown().contains("log in again"), "{run:?}");
}
