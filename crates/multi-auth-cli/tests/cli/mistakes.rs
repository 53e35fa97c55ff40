//! Mistakes that new users make. For each of them the output alone names the cause and the fix.

use http::StatusCode;
use multi_auth_testing::{RecordedRequest, ScriptedResponse, ScriptedServer};
use serde_json::json;

use crate::program::{Home, set_mode};

/// A mistake, and what the output says of it. `URL` is the vendor, which answers what its path
/// says.
struct Mistake {
    name: &'static str,
    config: &'static str,
    key: &'static str,
    arguments: &'static [&'static str],
    cause: &'static str,
    fix: &'static str,
}

const KEY: &str = "key = { file = 'key' }";

const CHECK: &[&str] = &["check"];

/// A vendor with a bearer key, which is asked at its own URL.
macro_rules! at {
    ($path:literal) => {
        concat!(
            "[vendors.v]\nurl = 'URL",
            $path,
            "'\nscheme = 'bearer'\nverify = ''\nkey = { file = 'key' }\n"
        )
    };
}

/// A vendor whose key obtains a token at `$login`, with its token at `$token`.
macro_rules! token_endpoint {
    ($login:literal, $token:literal) => {
        concat!(
            "[vendors.v]\nurl = 'URL'\nscheme = 'token_endpoint'\nkey = { file = 'key' }\n[vendors.v.token_endpoint]\nurl = 'URL",
            $login,
            "'\nkey_field = 'k'\ntoken_at = '",
            $token,
            "'\n"
        )
    };
}

const fn mistake(
    name: &'static str,
    config: &'static str,
    cause: &'static str,
    fix: &'static str,
) -> Mistake {
    Mistake {
        name,
        config,
        key: "user:canary",
        arguments: CHECK,
        cause,
        fix,
    }
}

impl Mistake {
    const fn with_key(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    const fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    mistake("no configuration yet", "", "has no vendors", "multi-auth init"),
    mistake("a key in the file itself", "[vendors.v]\npreset = 'alphamoon'\nkey = 'canary'", "vendors.v.key", "env = \"VENDOR_KEY\""),
    mistake("a misspelled field", "[vendors.v]\npreset = 'alphamoon'\nulr = 'x'", "multi-auth.toml:3:1", "`url`"),
    mistake("a misspelled scheme", "[vendors.v]\nscheme = 'baerer'", "multi-auth.toml:2:10", "`bearer`"),
    mistake("plain http", "[vendors.v]\nurl = 'http://v.example'\nscheme = 'bearer'\nkey = { file = 'key' }", "vendors.v.url", "https"),
    mistake("a variable that is not set", "[vendors.v]\npreset = 'alphamoon'\nkey = { env = 'NO_SUCH_KEY' }", "vendors.v.key: the environment variable was not found", "create it"),
    mistake("a key file at another place", "[vendors.v]\npreset = 'alphamoon'\nkey = { file = 'other' }", "vendors.v.key: the file was not found", "create it"),
    mistake("half of a key", "[vendors.v]\npreset = 'alphamoon'\nkey = { file = 'key' }", "has no colon", "user:pass").with_key("canary"),
    mistake("a key of two lines", at!("/ok"), "control character", "copy").with_key("canary\ncanary"),
    mistake("a wrong key", at!("/401"), "401 Unauthorized", "create a new one"),
    mistake("a key that may not do this", at!("/scope"), "403 Forbidden", "grant the permission"),
    mistake("a server that does not say why it refuses", at!("/403"), "403 Forbidden", "`headers` in the configuration"),
    mistake("a server that asks for Digest", at!("/digest"), "401 Unauthorized", "the server requires Digest"),
    mistake("the address of the website", at!("/page"), "a web page", "the address of the API"),
    mistake("a path that the server does not have", at!("/404"), "404 Not Found", "compare `url`, `verify`"),
    mistake("a key past the date in the file", concat!(at!("/ok"), "expires_at = 2020-01-01"), "has expired by the date", "create a new key"),
    mistake("a path of the token endpoint that the server does not have", token_endpoint!("/404", "/access_token"), "404 Not Found", "compare the token request"),
    mistake("a token at another place of the answer", token_endpoint!("/token", "/data/token"), "/data/token", "check its place"),
    mistake("a busy vendor", at!("/429"), "429 Too Many Requests", "wait"),
    mistake("a vendor that is down", at!("/503"), "503 Service Unavailable", "status page"),
    mistake("a vendor that moved", at!("/moved"), "leads to https://other.example", "write it into `url`"),
    mistake("a misspelled name of a vendor", at!("/ok"), "the configuration has no such vendor", "choose one of v").with(&["check", "w"]),
    mistake("a misspelled option", at!("/ok"), "no option --ofline", "--offline").with(&["check", "--ofline"]),
    mistake("a misspelled command", at!("/ok"), "no such command", "check").with(&["chek"]),
    mistake("a header without quotes", at!("/ok"), "not expected", "put quotes around").with(&["request", "URL/ok", "-H", "X-Own:", "1"]),
    mistake("a command without --", at!("/ok"), "not expected", "write `--` before the command").with(&["run", "python3", "report.py"]),
    mistake("simulators without --", at!("/ok"), "not expected", "write `--` before the command").with(&["simulate", "sh"]),
    mistake("a header that is none", at!("/ok"), "-H is not a header field", "-H 'Accept: text/csv'").with(&["request", "URL/ok", "-H", "Accept"]),
    mistake("a URL without its scheme", at!("/ok"), "not an absolute URL", "https://api.example.com/path").with(&["request", "v.example/ok"]),
    mistake("a URL outside the vendor's", at!("/ok"), "no credential is bound to its URL", "add a vendor with this URL").with(&["request", "URL/401"]),
    mistake("a misspelled path of a request", at!("/404"), "404 Not Found", "correct its path").with(&["request", "URL/404"]),
    mistake("a request that leads elsewhere", at!("/moved"), "leads to https://other.example", "if you trust it").with(&["request", "URL/moved"]),
    mistake("a number that is none", at!("/ok"), "--timeout", "a number of seconds").with(&["check", "--timeout", "soon"]),
    mistake("a file of certificates at another place", at!("/ok"), "--ca none.pem", "correct").with(&["check", "--ca", "none.pem"]),
];

/// The vendor: what it answers is said by the last step of the path.
fn vendor(request: &RecordedRequest) -> ScriptedResponse {
    let step = request.path.rsplit('/').next().unwrap_or_default();
    let status = |code| ScriptedResponse::new(StatusCode::from_u16(code).unwrap());
    let challenge =
        |answer: ScriptedResponse, text| answer.with_header("www-authenticate", text).unwrap();
    match step {
        "page" => ScriptedResponse::html(),
        "token" => ScriptedResponse::default().with_json(&json!({ "access_token": "t-canary" })),
        "scope" => challenge(status(403), "Bearer error=\"insufficient_scope\""),
        "digest" => challenge(status(401), "Digest realm=\"canary\", nonce=\"canary\""),
        "moved" => ScriptedResponse::redirect(StatusCode::FOUND, "https://other.example/?k=canary")
            .unwrap(),
        code => code
            .parse()
            .map_or_else(|_| ScriptedResponse::default(), status),
    }
}

#[tokio::test]
async fn each_mistake_of_a_new_user_is_reported_with_its_cause_and_remedy() {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(vendor);
    let mut misleading = String::new();
    for mistake in MISTAKES {
        let home = Home::new(&mistake.config.replace("URL", server.url()));
        home.secret("key", mistake.key);
        let arguments = mistake.arguments.iter();
        let arguments: Vec<_> = arguments
            .map(|word| word.replace("URL", server.url()))
            .collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let run = home.run(&arguments).await;
        run.shows_no_key();
        assert_ne!(run.code, Some(0), "{}: {run:?}", mistake.name);
        let shown = run.shown();
        if !(shown.contains(mistake.cause) && shown.contains(mistake.fix)) {
            misleading.extend([mistake.name, ":\n", &shown, "\n"]);
        }
    }
    assert!(misleading.is_empty(), "{misleading}");
    assert!(MISTAKES.len() >= 20);
}

/// A key file that others can read, which only the file's mode shows.
#[tokio::test]
async fn a_key_file_that_others_can_read_is_reported_with_the_command_that_fixes_it() {
    let home = Home::new(&format!("[vendors.v]\npreset = 'alphamoon'\n{KEY}\n"));
    home.secret("key", "user:canary");
    set_mode(&home.path("key"), 0o644);
    let run = home.run(&["check"]).await;
    let shown = run.shows_no_key().shown();
    assert!(shown.contains("the file key"), "{shown}");
    assert!(shown.contains("chmod"), "{shown}");
}

#[tokio::test]
async fn an_unknown_certificate_authority_is_reported_with_the_option_that_trusts_it() {
    let server = ScriptedServer::builder().https().start().await.unwrap();
    let home = Home::new(&at!("/ok").replace("URL", server.url()));
    home.secret("key", "user:canary");
    let run = home.run(&["check"]).await;
    let shown = run.shows_no_key().shown();
    assert!(
        shown.contains("error[tls]") && shown.contains("--ca FILE"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_port_in_use_is_reported_with_the_systems_reason() {
    let server = ScriptedServer::start().await.unwrap();
    let port = server.address().port().to_string();
    let run = Home::empty().run(&["simulate", "--immuta", &port]).await;
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.errors.contains("in use"), "{run:?}");
    assert!(run.errors.contains("another port"), "{run:?}");
}

/// Words of the system for a limit that a shell sets.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_limit_of_open_files_is_reported_with_the_command_that_raises_it() {
    let program = env!("CARGO_BIN_EXE_multi-auth");
    let script = format!("ulimit -n 8; exec {program} simulate");
    let mut shell = tokio::process::Command::new("sh");
    let output = shell.args(["-c", &script]).output().await.unwrap();
    let shown = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{shown}");
    assert!(shown.contains("Too many open files"), "{shown}");
    assert!(shown.contains("ulimit -n"), "{shown}");
}
