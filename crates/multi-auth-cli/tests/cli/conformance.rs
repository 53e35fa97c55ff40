//! The proxy before a public suite of tests for HTTP/2.
//!
//! `cargo install --locked --root DIRECTORY httpwg-cli@0.2.5` installs it, and
//! `HTTPWG=DIRECTORY/bin/httpwg cargo test -p multi-auth-cli --test cli -- --ignored httpwg` runs
//! it.

use tokio::process::Command;

use crate::proxy::Setup;

/// The tests that fail. hyper ends the connection with another error code, or accepts the space.
/// The last five fail because the proxy refuses each request of the suite, which has no token,
/// before it has read the rest.
const KNOWN: [&str; 26] = [
    "4. http frames :: frame exceeding max size",
    "4. http frames :: invalid header block fragment",
    "5. streams and multiplexing :: closed sends headers frame",
    "5. streams and multiplexing :: closed sends headers frame after rst stream",
    "5. streams and multiplexing :: half closed remote sends data frame",
    "5. streams and multiplexing :: half closed remote sends headers frame",
    "6. frame definitions :: sends data frame on invalid stream state",
    "6. frame definitions :: sends multiple window update frames increasing flow control window above max on stream",
    "6. frame definitions :: sends ping frame with invalid length",
    "6. frame definitions :: sends priority frame with invalid length",
    "6. frame definitions :: sends rst stream frame with invalid length",
    "6. frame definitions :: sends settings frame with ack and payload",
    "6. frame definitions :: sends settings frame with invalid length",
    "6. frame definitions :: sends settings initial window size with exceeded max window size value",
    "6. frame definitions :: sends settings initial window size with invalid value",
    "6. frame definitions :: sends window update frame with invalid length",
    "8. expressing http semantics in http2 :: sends connect without authority",
    "8. expressing http semantics in http2 :: sends headers frame with leading space in field value",
    "8. expressing http semantics in http2 :: sends headers frame with mismatched host authority",
    "8. expressing http semantics in http2 :: sends headers frame with trailing tab in field value",
    "5. streams and multiplexing :: closed sends continuation frame after rst stream",
    "5. streams and multiplexing :: closed sends data frame after rst stream",
    "8. expressing http semantics in http2 :: sends headers frame with incorrect content length multiple data frames",
    "8. expressing http semantics in http2 :: sends headers frame with incorrect content length single data frame",
    "8. expressing http semantics in http2 :: sends headers frame with pseudo header in trailer",
    "8. expressing http semantics in http2 :: sends second headers frame without end stream",
];

#[tokio::test]
#[ignore = "needs httpwg-cli"]
async fn httpwg_finds_no_other_differences_from_rfc_9113() {
    let setup = Setup::new().await;
    let address = setup.at_a_fixed_port();
    let program = std::env::var("HTTPWG").expect("HTTPWG names the program");
    let proxy = [
        env!("CARGO_BIN_EXE_multi-auth"),
        "proxy",
        "--audit",
        "audit.jsonl",
    ];
    let mut command = Command::new(program);
    command
        .args(["--address", &address, "--frame-timeout", "5000", "--"])
        .args(proxy)
        .current_dir(setup.home.path(""))
        .kill_on_drop(true);
    let output = command.output().await.unwrap();
    let output = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let text = without_colours(&output);
    let failed = text
        .lines()
        .filter_map(|line| line.split_once("Test failed: RFC 9113 :: "));
    let failed: Vec<_> = failed.map(|(_, name)| name).collect();
    let count = text.split_once("Passed ");
    let count = count.and_then(|(_, rest)| rest.split_once("/107 tests"));
    let passed: usize = count
        .and_then(|(count, _)| count.parse().ok())
        .expect(&text);
    // A test may break off without its name.
    assert!(passed >= 80, "{text}");
    let others: Vec<_> = failed.iter().filter(|name| !KNOWN.contains(name)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(setup.server.request_count(), 0);
}

/// `text` without the sequences that colour a terminal.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |shown, part| {
        shown + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}
