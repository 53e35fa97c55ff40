//! The format of vendors as data: what a user writes, and what is refused.

use std::fmt::Write;

use multi_auth_config::{Catalogue, Config, ConfigError, Vendor};
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use crate::adapter::Adapter;
use crate::config::sources::{secret_file, write_secret};

/// A vendor with every kind of variable.
const ACME: &str = r#"format = 1
title = "Acme"
docs = "https://docs.acme.example/auth"
read = 2026-11-29

[variables.region]
label = "Region"
values = ["eu", "us"]
default = "eu"
example = "us"

[variables.tenant]
label = "Tenant"
example = "parts"

[variables.email]
label = "Email"
kind = "text"
example = "me@acme.example"

[variables.password]
label = "Password"
kind = "secret"
example = ""

[inputs.key]
label = "Application key"

[entry]
url = "https://{tenant}.{region}.acme.example"
scheme = "token_endpoint"
token = { margin = "5s" }

[entry.token_endpoint]
url = "https://login.acme.example/{tenant}"
key_field = "application"
fields = { user = { email = "{email}", password = "{password}" }, note = "{other} {}" }
"#;

fn acme() -> Catalogue {
    let text = ACME.replace("{other} ", "");
    Catalogue::embedded().with_vendor("acme", &text).unwrap()
}

fn parse(lines: &str) -> Result<Config, ConfigError> {
    let text = format!("[vendors.v]\n{lines}");
    Config::parse_with(&text, "multi-auth.toml", [], &acme())
}

const KEY: &str = "key = { env = 'K' }";

/// What is wrong, and the lines of an entry with it.
type Wrong = Vec<(&'static str, String)>;

fn wrong_variables(rest: &str) -> Wrong {
    vec![
        ("an unknown preset", format!("preset = 'canary-x'\n{KEY}")),
        (
            "a misspelled preset",
            format!("preset = 'freshdesc'\n{KEY}"),
        ),
        (
            "a preset of another case",
            format!("preset = 'Acme'\n{KEY}"),
        ),
        ("a preset that is no text", format!("preset = 7\n{KEY}")),
        (
            "a scheme besides",
            format!("preset = 'acme'\nscheme = 'bearer'\n{KEY}"),
        ),
        ("a missing variable", format!("preset = 'acme'\n{rest}")),
        (
            "a text that is missing",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a' }}\n{rest}"),
        ),
        (
            "an unknown variable",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a', canary = 'b' }}\n{rest}"),
        ),
        (
            "a value that is no text",
            format!("preset = 'acme'\nvariables = {{ tenant = 7 }}\n{rest}"),
        ),
        (
            "a value outside the list",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a', region = 'canary' }}\n{rest}"),
        ),
        (
            "a host for a label",
            format!("preset = 'acme'\nvariables = {{ tenant = 'canary.example/' }}\n{rest}"),
        ),
        (
            "a secret as a variable",
            format!("preset = 'acme'\nvariables = {{ password = 'canary' }}\n{rest}"),
        ),
    ]
}

fn wrong_secrets(rest: &str) -> Wrong {
    vec![
        (
            "variables that are no table",
            format!("preset = 'acme'\nvariables = 'canary'\n{rest}"),
        ),
        (
            "a missing secret",
            format!("preset = 'acme'\nvariables = {{ tenant = 'a', email = 'b' }}\n{KEY}"),
        ),
        (
            "an unknown secret",
            format!(
                "preset = 'acme'\nvariables = {{ tenant = 'a', email = 'b' }}\n{KEY}\n\
                 secrets = {{ password = {{ env = 'P' }}, canary = {{ env = 'P' }} }}"
            ),
        ),
        (
            "a secret itself",
            format!(
                "preset = 'acme'\nvariables = {{ tenant = 'a', email = 'b' }}\n{KEY}\n\
                 secrets = {{ password = 'canary' }}"
            ),
        ),
        (
            "a missing key",
            "preset = 'acme'\nvariables = { tenant = 'a', email = 'b' }\n\
             secrets = { password = { env = 'P' } }"
                .to_owned(),
        ),
        ("a missing second key", format!("preset = 'datadog'\n{KEY}")),
        ("a missing client", format!("preset = 'spotify'\n{KEY}")),
        ("a missing URL", format!("preset = 'mattermost'\n{KEY}")),
        (
            "a URL that is not https",
            format!("preset = 'mattermost'\nurl = 'http://canary.example'\n{KEY}"),
        ),
        (
            "a URL with a query",
            format!("preset = 'mattermost'\nurl = 'https://canary.example?x'\n{KEY}"),
        ),
        (
            "variables without a preset",
            format!(
                "url = 'https://v.example'\nscheme = 'bearer'\nvariables = {{ a = 'canary' }}\n{KEY}"
            ),
        ),
        (
            "secrets without a token request",
            format!(
                "url = 'https://v.example'\nscheme = 'bearer'\nsecrets = {{ a = {{ env = 'P' }} }}\n{KEY}"
            ),
        ),
        (
            "a value besides a key",
            format!("url = 'https://v.example'\nscheme = 'bearer'\nvalue = 'canary'\n{KEY}"),
        ),
        (
            "a value for a token",
            "url = 'https://v.example'\nscheme = 'basic'\nvalue = 'canary'".to_owned(),
        ),
        (
            "both halves of a pair",
            format!(
                "url = 'https://v.example'\nscheme = 'basic'\nuser = 'canary'\npassword = 'canary'\n{KEY}"
            ),
        ),
    ]
}

#[test]
fn each_error_of_a_preset_names_line_field_and_remedy() {
    const REST: &str = "key = { env = 'K' }\nsecrets = { password = { env = 'P' } }";
    let mut shown = String::new();
    for (what, lines) in wrong_variables(REST).into_iter().chain(wrong_secrets(REST)) {
        let error = parse(&lines).map(drop).expect_err(what).to_string();
        assert!(!error.contains("canary"), "{what}: {error}");
        let _ = writeln!(shown, "{what}\n    {error}");
    }
    insta::assert_snapshot!("preset_errors", shown);
}

#[test]
fn each_error_of_a_vendors_file_names_line_field_and_remedy() {
    let right = ACME.replace("{other} ", "");
    let mut shown = String::new();
    for (what, from, to) in [
        ("a name that is not described", "", ""),
        ("another format", "format = 1", "format = 2"),
        ("no title", "title = \"Acme\"\n", ""),
        ("an unknown field", "read =", "reed ="),
        ("documentation that is no URL", "https://docs", "docs"),
        ("a syntax error", "[entry]", "[entry"),
        (
            "an example outside the list",
            "example = \"us\"",
            "example = \"uk\"",
        ),
        (
            "a default without a list",
            "example = \"parts\"",
            "example = \"parts\"\ndefault = \"a\"",
        ),
        (
            "an example that is no label",
            "example = \"parts\"",
            "example = \"a/b\"",
        ),
        (
            "a kind that is unknown",
            "kind = \"text\"",
            "kind = \"url\"",
        ),
        ("a variable that is not used", "{email}", "me"),
        (
            "a variable that chooses the host",
            "{tenant}.{region}.acme.example",
            "{tenant}.example",
        ),
        ("a text in a URL", "{tenant}.{region}", "{email}.{region}"),
        (
            "a secret in a URL",
            "login.acme.example/{tenant}",
            "login.acme.example/{password}",
        ),
        (
            "a scheme that is unknown",
            "\"token_endpoint\"",
            "\"tokens\"",
        ),
        (
            "a field that the scheme does not use",
            "token = {",
            "user = \"a\"\ntoken = {",
        ),
        ("an invalid URL", "https://login.acme", "http://login.acme"),
        ("an invalid duration", "5s", "5"),
        (
            "two places for the key",
            "key_field",
            "body = \"{key}\"\nkey_field",
        ),
        ("no entry", "[entry]", "[inputs.x]\nlabel = \"\"\n[other]"),
    ] {
        let text = if from.is_empty() {
            ACME.to_owned()
        } else {
            right.replace(from, to)
        };
        assert!(from.is_empty() || right.contains(from), "{what}");
        let error = Catalogue::empty().with_vendor("acme", &text);
        let _ = writeln!(shown, "{what}\n    {}", error.map(drop).expect_err(what));
    }
    for name in ["", "Acme", "a.b", "../a", "immuta"] {
        let error = Catalogue::embedded().with_vendor(name, &right).unwrap_err();
        let _ = writeln!(shown, "the name {name:?}\n    {error}");
    }
    let twice = acme().with_vendor("acme", &right).unwrap_err();
    let _ = writeln!(shown, "a name twice\n    {twice}");
    insta::assert_snapshot!("vendor_file_errors", shown);
}

/// The lines that a user copies from the documentation.
#[tokio::test]
async fn ten_lines_describe_a_new_vendor_and_call_it() {
    let page = include_str!("../../../docs/catalogue.md");
    let sample = page
        .split("```toml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let lines = sample.lines().filter(|line| !line.trim().is_empty());
    assert!(lines.count() <= 14, "{sample}");
    let server = ScriptedServer::start().await.unwrap();
    let text = sample.replace("https://api.acme.example", server.url());
    let catalogue = Catalogue::embedded().with_vendor("acme", &text).unwrap();
    let entry = "preset = 'acme'\nkey = { dangerous_inline = 'k-1' }";
    let vendor = Vendor::from_toml_with("parts", entry, &catalogue).unwrap();
    for adapter in [Adapter::Reqwest, Adapter::Tower] {
        let credential = vendor.load(adapter.transport()).await.unwrap();
        let client = adapter.client(credential.keyring());
        client
            .get(&format!("{}/v1/parts", server.url()))
            .await
            .unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("x-acme-key"), Some("k-1"));
    }
}

#[test]
fn a_user_may_override_what_a_preset_sets() {
    let lines = format!(
        "preset = 'freshdesk'\nvariables = {{ subdomain = 'parts' }}\nverify = '/api/v2/tickets'\n\
         headers = {{ x-team = 'parts' }}\naccount = 'a'\nexpires_at = 2027-01-01\n{KEY}"
    );
    let config = parse(&lines).unwrap();
    let vendor = &config.vendors()[0];
    let url = "https://parts.freshdesk.com/api/v2/tickets";
    assert_eq!(vendor.verification(), Some(url));
    assert!(vendor.expires_at().is_some() && vendor.account().is_some());
}

#[tokio::test]
async fn the_vendors_of_a_directory_are_presets() {
    let folder = tempfile::tempdir().unwrap();
    let right = ACME.replace("{other} ", "");
    std::fs::write(folder.path().join("acme.toml"), &right).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a vendor").unwrap();
    let catalogue = Catalogue::empty().with_directory(folder.path()).unwrap();
    assert_eq!(catalogue.names(), ["acme"]);

    std::fs::write(folder.path().join("broken.toml"), "format = 1").unwrap();
    std::fs::write(folder.path().join("immuta.toml"), right).unwrap();
    let error = Catalogue::empty()
        .with_directory(folder.path())
        .unwrap_err();
    let (first, others) = (error.to_string(), error.others().len());
    assert!(
        first.contains("broken.toml:1:1: missing field `title`"),
        "{first}"
    );
    assert_eq!(others, 1, "{error}");
    let none = Catalogue::empty().with_directory(folder.path().join("none"));
    assert!(none.unwrap_err().to_string().contains("was not found"));
}

#[cfg(unix)]
#[test]
fn a_vendors_file_that_others_can_change_is_refused() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.toml");
    std::fs::write(&file, ACME.replace("{other} ", "")).unwrap();
    set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    let error = Catalogue::empty()
        .with_directory(folder.path())
        .unwrap_err();
    assert!(error.to_string().contains("writable"), "{error}");
}

/// A second secret is read again like the key.
#[tokio::test]
async fn a_changed_second_secret_rotates_the_credential() {
    let server = ScriptedServer::start().await.unwrap();
    server.respond_with(|request| {
        let token = format!("token of {}", request.text());
        let body = serde_json::json!({ "access_token": "t-1", "seen": token });
        ScriptedResponse::new(http::StatusCode::OK).with_json(&body)
    });
    let folder = tempfile::tempdir().unwrap();
    let own = secret_file(&folder, "own", "k-1");
    let other = secret_file(&folder, "other", "p-1");
    let text = format!(
        "[vendors.v]\nurl = '{url}/v1'\nscheme = 'token_endpoint'\nkey = {{ file = {own:?} }}\n\
         secrets = {{ password = {{ file = {other:?} }} }}\n\
         token_endpoint = {{ url = '{url}/token', key_field = 'k', format = 'form', fields = {{ p = '<{{password}}>' }} }}",
        url = server.url()
    );
    let config = Config::parse(&text, "multi-auth.toml", []).unwrap();
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let client = Adapter::Reqwest.client(live.keyring());
    let url = format!("{}/v1/x", server.url());
    for expected in ["p=%3Cp-1%3E&k=k-1", "p=%3Cp-2%3E&k=k-1"] {
        client.get(&url).await.unwrap();
        let requests = server.requests();
        let last = requests
            .iter()
            .rev()
            .find(|request| request.path == "/token")
            .unwrap();
        assert_eq!(last.text(), expected);
        write_secret(&other, "p-2");
        assert!(live.refresh().await.is_empty());
    }
}
