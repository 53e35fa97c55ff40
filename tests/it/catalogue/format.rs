//! The format of vendors as data: what a user writes.

use multi_auth_config::{Catalogue, Config, ConfigError, Vendor};
use multi_auth_testing::ScriptedServer;

use crate::adapter::Adapter;

/// A vendor with every kind of variable.
pub(super) const ACME: &str = r#"format = 1
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

pub(super) fn acme() -> Catalogue {
    let text = ACME.replace("{other} ", "");
    Catalogue::embedded().with_vendor("acme", &text).unwrap()
}

pub(super) fn parse(lines: &str) -> Result<Config, ConfigError> {
    let text = format!("[vendors.v]\n{lines}");
    Config::parse_with(&text, "multi-auth.toml", [], &acme())
}

pub(super) const KEY: &str = "key = { env = 'K' }";

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
