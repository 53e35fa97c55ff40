//! A system with no certificates of authorities, as a small container is.

use std::process::Output;

use multi_auth_testing::ScriptedServer;

use crate::program::Home;

fn home_at(url: &str) -> Home {
    let home = Home::new(&format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'bearer'\nverify = '/'\nkey = {{ file = 'key' }}\n"
    ));
    home.secret("key", "k-canary");
    home
}

/// Runs the program where the system has no certificates.
async fn run_without(home: &Home, arguments: &[&str]) -> Output {
    let mut command = home.command(arguments);
    command
        .env("SSL_CERT_FILE", home.path("none.pem"))
        .env("SSL_CERT_DIR", home.path("none"));
    command.output().await.unwrap()
}

#[tokio::test]
async fn without_certificates_plain_http_and_offline_commands_work() {
    let server = ScriptedServer::start().await.unwrap();
    let home = home_at(server.url());
    for arguments in [
        &["check"][..],
        &["check", "--offline"],
        &["request", server.url()],
        &["header", server.url(), "--show-secret"],
    ] {
        let output = run_without(&home, arguments).await;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
}

#[tokio::test]
async fn without_certificates_https_says_what_to_install_and_the_callers_own_are_trusted() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let home = home_at(server.url());
    for arguments in [&["check"][..], &["request", server.url()]] {
        let output = run_without(&home, arguments).await;
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let shown = [output.stdout, output.stderr].concat();
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("error[tls]"), "{shown}");
        assert!(shown.contains("ca-certificates"), "{shown}");
    }
    std::fs::write(home.path("ca.pem"), server.certificate_pem().unwrap()).unwrap();
    let output = run_without(&home, &["check", "--ca", "ca.pem"]).await;
    assert!(output.status.success(), "{output:?}");
}
