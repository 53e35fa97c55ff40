//! A secret with a marker is given to everything that takes one, and looked for in everything that
//! can be read: `Debug`, `Display`, errors and their causes, events, snapshots, and the log at
//! TRACE with the HTTP clients' own lines in it.

mod api;
mod aws_credentials;
mod azure;
mod base_url;
mod catalogue;
mod config;
mod digest;
mod dpop;
mod driver;
mod hmac_signer;
mod http_signature;
mod oauth;
mod oauth1;
mod proxy;
mod read_responses;
mod schemes;
mod sign;
mod sigv4;
mod store;
mod token_requests;
mod urls;
mod views;
mod wire;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Write};

use multi_auth::AuthError;
use multi_auth_testing::Canary;

/// What was looked at, and what was found there.
#[derive(Default)]
struct Ledger {
    /// The sites by their names, with all that was read there.
    sites: BTreeMap<String, String>,
    leaks: Vec<String>,
}

/// Every canary in use.
fn canaries() -> [Canary; 3] {
    ["key", "token", "url"].map(Canary::new)
}

fn key() -> String {
    Canary::new("key").as_str().to_owned()
}

fn token() -> String {
    Canary::new("token").as_str().to_owned()
}

fn in_url() -> String {
    Canary::new("url").as_str().to_owned()
}

impl Ledger {
    /// Looks at what `site` gives out.
    fn see(&mut self, site: impl Into<String>, output: impl Into<String>) {
        let (site, output) = (site.into(), output.into());
        for canary in canaries() {
            if let Some(leak) = canary.find_in(&output) {
                self.leaks.push(format!("{site}: {leak} of {canary:?}"));
            }
        }
        let seen = self.sites.entry(site).or_default();
        seen.push('\n');
        seen.push_str(&output);
    }

    fn see_debug(&mut self, site: impl Into<String>, value: &impl fmt::Debug) {
        self.see(site, format!("{value:?} {value:#?}"));
    }

    /// Looks at an error and all its causes.
    fn see_error(&mut self, site: impl Into<String>, error: &(dyn Error + 'static)) {
        let mut text = format!("{error} {error:?} {error:#?}");
        let mut cause = error.source();
        while let Some(error) = cause {
            let _ = write!(text, " {error} {error:?}");
            cause = error.source();
        }
        self.see(site, text);
    }

    fn has_seen(&self, what: &str) -> bool {
        let is_word = |text: &str| {
            let mut words = text
                .split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':');
            words.any(|word| word == what || word.split("::").next() == Some(what))
        };
        self.sites.keys().any(|site| is_word(site))
    }

    fn has_read(&self, what: &str) -> bool {
        self.sites.values().any(|output| output.contains(what))
    }
}

#[tokio::test]
async fn no_secret_is_found_in_anything_that_can_be_read() {
    let mut ledger = Ledger::default();
    schemes::look(&mut ledger);
    urls::look(&mut ledger);
    views::look(&mut ledger);
    read_responses::look(&mut ledger).await;
    base_url::look(&mut ledger).await;
    token_requests::look(&mut ledger).await;
    wire::look(&mut ledger).await;
    config::look(&mut ledger).await;
    catalogue::look(&mut ledger).await;
    driver::look(&mut ledger).await;
    oauth::look(&mut ledger).await;
    sign::look(&mut ledger).await;
    sigv4::look(&mut ledger).await;
    azure::look(&mut ledger);
    oauth1::look(&mut ledger);
    aws_credentials::look(&mut ledger).await;
    hmac_signer::look(&mut ledger);
    http_signature::look(&mut ledger);
    digest::look(&mut ledger).await;
    dpop::look(&mut ledger).await;
    store::look(&mut ledger).await;
    proxy::look(&mut ledger).await;

    print(&ledger);
    assert_eq!(ledger.leaks, [""; 0]);
    assert!(ledger.sites.len() >= 200, "{}", ledger.sites.len());
    let unseen: Vec<_> = api::items()
        .into_iter()
        .filter(|item| !ledger.has_seen(item))
        .collect();
    assert_eq!(
        unseen, [""; 0],
        "these are public and no site looks at them"
    );
    let unread: Vec<_> = api::problems()
        .into_iter()
        .filter(|kind| !ledger.has_read(kind))
        .collect();
    assert_eq!(unread, [""; 0], "these errors were never made");
}

#[test]
fn leaks_are_found_and_uncovered_items_are_known() {
    let mut ledger = Ledger::default();
    ledger.see_debug("a string", &key());
    ledger.see_error("ProtectionSpace::new", &AuthError::permanent(in_url()));
    ledger.see("nothing", "****");
    assert_eq!(ledger.leaks.len(), 2, "{:?}", ledger.leaks);
    assert!(ledger.has_seen("ProtectionSpace") && ledger.has_seen("ProtectionSpace::new"));
    assert!(!ledger.has_seen("ProtectionSpace::other") && !ledger.has_seen("Keyring"));
    assert!(api::items().contains(&"ProtectionSpace::new".to_owned()));
    assert!(api::problems().contains(&"TrailingNewline".to_owned()));
}

#[expect(clippy::print_stdout, reason = "the count is the result of the run")]
fn print(ledger: &Ledger) {
    let bytes: usize = ledger.sites.values().map(String::len).sum();
    let Ledger { sites, leaks } = ledger;
    println!(
        "canary: {} sites, {bytes} bytes read, {} leaks",
        sites.len(),
        leaks.len()
    );
}
