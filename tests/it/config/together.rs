//! Vendors are independent: errors of all of them are reported, and none waits for another's
//! source.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use multi_auth::SecretString;
use multi_auth_config::{ConfigError, SecretSource, SourceError};
use tokio::sync::Barrier;

use super::{keyring, parse};
use crate::adapter::Adapter;

/// The lines that `error` is shown in.
fn lines(error: &ConfigError) -> Vec<String> {
    error.to_string().lines().map(str::to_owned).collect()
}

/// `error` is shown in lines that begin so, one for each vendor.
fn assert_told<const N: usize>(error: &ConfigError, starts: [&str; N]) {
    let shown = lines(error);
    assert_eq!(shown.len(), N, "{error}");
    for (line, start) in shown.iter().zip(starts) {
        assert!(line.starts_with(start), "{error}");
    }
}

#[test]
fn each_vendors_first_problem_is_reported() {
    let text = "\
[vendors.a]
preset = 'alphamoon'
[vendors.b]
preset = 'alphamoon'
key = { env = 'B_KEY' }
[vendors.c]
url = 'http://c.example'
scheme = 'bearer'
key = { env = 'C_KEY' }
[vendors.d]
scheme = 'header'
url = 'https://d.example'
key = { env = 'D_KEY' }
";
    let error = parse(text).unwrap_err();
    assert_told(
        &error,
        [
            "multi-auth.toml:1:1: vendors.a.key: ",
            "multi-auth.toml:7:7: vendors.c.url: ",
            "multi-auth.toml:10:1: vendors.d.name: ",
        ],
    );
    assert_eq!(error.location().field, "vendors.a.key");
    let others: Vec<_> = error
        .others()
        .iter()
        .map(|other| &*other.location().field)
        .collect();
    assert_eq!(others, ["vendors.c.url", "vendors.d.name"]);
}

#[test]
fn invalid_names_are_reported_for_each_vendor() {
    let text = "\
[vendors.a]
preset = 'alphamoon'
kye = { env = 'A_KEY' }
[vendors.b]
url = 'https://b.example'
scheme = 'bearr'
key = { env = 'B_KEY' }
[vendors.c]
url = 'http://c.example'
scheme = 'bearer'
key = { env = 'C_KEY' }
";
    let error = parse(text).unwrap_err();
    assert_told(
        &error,
        [
            "multi-auth.toml:3:1: vendors.a: has an unknown field",
            "multi-auth.toml:6:10: vendors.b.scheme: has an invalid value: write one of",
            "multi-auth.toml:9:7: vendors.c.url: ",
        ],
    );
}

#[test]
fn all_keys_in_the_file_are_reported() {
    let text =
        "[vendors.a]\nkey = 'canary'\n[vendors.b]\nkey = 'canary'\n[vault]\ntoken = 'canary'\n";
    let error = parse(text).unwrap_err();
    assert_eq!(lines(&error).len(), 3, "{error}");
    assert!(!error.to_string().contains("canary"));
}

#[tokio::test]
async fn every_unavailable_secret_is_reported() {
    let vendor = |name: &str, key: &str| {
        format!(
            "[vendors.{name}]\nurl = 'https://{name}.example'\nscheme = 'bearer'\nkey = {key}\n"
        )
    };
    let text = [
        vendor("a", "{ env = 'MULTI_AUTH_NO_SUCH_VARIABLE' }"),
        vendor("b", "{ command = ['printf', 'k-1'] }"),
        vendor("c", "{ file = '/no/such/file' }"),
        // Of a form that no field can have.
        vendor("d", "{ command = ['printf', 'canary\\n\\ncanary'] }"),
    ]
    .concat();
    let error = keyring(&text).await.unwrap_err();
    let fields = std::iter::once(&error).chain(error.others());
    let fields: Vec<_> = fields.map(|error| &*error.location().field).collect();
    assert_eq!(
        fields,
        ["vendors.a.key", "vendors.c.key", "vendors.d.key"],
        "{error}"
    );
    // Its text has that of its cause in it, and a report of all causes shows each once.
    assert!(error.source().is_none());
    let live = parse(&text)
        .unwrap()
        .live_keyring(Adapter::Reqwest.transport())
        .await;
    assert_eq!(live.unwrap_err().to_string(), error.to_string());
}

/// A source that answers when all are asked.
#[derive(Clone, Debug)]
struct Met(Arc<Barrier>);

#[async_trait]
impl SecretSource for Met {
    async fn read(&self) -> Result<SecretString, SourceError> {
        self.0.wait().await;
        Ok("k-1".into())
    }
}

#[tokio::test]
async fn no_source_waits_for_another() {
    let vendor = |at| {
        format!(
            "[vendors.v{at}]\nurl = 'https://v{at}.example'\nscheme = 'bearer'\nkey = {{ own = 'met' }}\n"
        )
    };
    let text: String = (0..50).map(vendor).collect();
    let met = Met(Arc::new(Barrier::new(50)));
    let config = parse(&text).unwrap().with_source("met", met).unwrap();
    config.keyring(Adapter::Reqwest.transport()).await.unwrap();
    config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
}
