//! URLs that hold a secret.

use multi_auth::adapter::{is_ambiguous_path, is_local};
use multi_auth::{
    Account, Alphamoon, Immuta, Keyring, ProtectionSpace, RedirectTarget, TokenEndpoint,
};
use multi_auth_reqwest::ReqwestTransport;

use super::{Ledger, in_url, key};

fn urls() -> Vec<(&'static str, String)> {
    let secret = in_url();
    vec![
        ("as password", format!("https://user:{secret}@api.example")),
        ("as user", format!("https://{secret}@api.example")),
        ("in the query", format!("https://api.example/?key={secret}")),
        ("in the fragment", format!("https://api.example/#{secret}")),
        ("in plain http", format!("http://user:{secret}@api.example")),
        (
            "in another scheme",
            format!("ftp://user:{secret}@api.example"),
        ),
        ("in no URL", secret.clone()),
        ("in a bad host", format!("https://{secret}%%.example")),
        ("as a bad port", format!("https://api.example:{secret}")),
    ]
}

pub(super) fn look(ledger: &mut Ledger) {
    let transport = || ReqwestTransport::new().unwrap();
    for (place, url) in urls() {
        for (name, shown) in [
            (
                "ProtectionSpace::new UrlProblem",
                ProtectionSpace::new(&url).map(|scope| format!("{scope} {scope:?}")),
            ),
            (
                "ProtectionSpace::dangerous_plain_http",
                ProtectionSpace::dangerous_plain_http(&url)
                    .map(|scope| format!("{scope} {scope:?}")),
            ),
            (
                "Immuta::new",
                Immuta::new(&url).map(|vendor| format!("{vendor:?}")),
            ),
            (
                "Alphamoon::new",
                Alphamoon::new(&url).map(|vendor| format!("{vendor:?}")),
            ),
            (
                "TokenEndpoint::builder TokenEndpointBuilder",
                TokenEndpoint::builder(&url, transport())
                    .map(|builder| format!("{builder:?}") + &format!("{:?}", builder.build())),
            ),
            (
                "TokenEndpoint::dangerous_plain_http",
                TokenEndpoint::dangerous_plain_http(&url, transport())
                    .map(|builder| format!("{builder:?}")),
            ),
        ] {
            let site = format!("{name}, {place}");
            match shown {
                Ok(shown) => ledger.see(site, shown),
                Err(error) => ledger.see_error(site, &error),
            }
        }
    }
    look_at_token_request(ledger);
    look_at_refusals(ledger);
}

fn look_at_token_request(ledger: &mut Ledger) {
    let endpoint = format!("https://api.example/token?tenant={}", in_url());
    let builder = TokenEndpoint::builder(&endpoint, ReqwestTransport::new().unwrap());
    let builder = builder
        .unwrap()
        .json([("key", key())])
        .form([("key", key())]);
    ledger.see_debug("TokenEndpointBuilder with secrets", &builder);
    ledger.see_debug("TokenEndpoint with secrets", &builder.build());
    ledger.see_debug("RedirectTarget", &RedirectTarget::OtherHost);
}

/// What a keyring and a vendor say to those who ask for what was not found.
fn look_at_refusals(ledger: &mut Ledger) {
    let key = || multi_auth::ApiKey::authorization(key()).unwrap();
    let north = ProtectionSpace::new("https://api.example")
        .unwrap()
        .with_account(Account::new("north"));
    ledger.see_debug("Account::new", &Account::new("north"));
    ledger.see_debug("is_local", &is_local([127, 0, 0, 1].into()));
    ledger.see_debug("is_ambiguous_path", &is_ambiguous_path(&in_url()));
    let builder = Keyring::builder().bind(north.clone(), key()).unwrap();
    let twice = builder.bind(north, key());
    ledger.see_error("KeyringBuilder bind, twice", &twice.unwrap_err());
    let segment = Alphamoon::default().process_protection_spaces(&format!("a/{}", in_url()));
    ledger.see_error("Alphamoon process_protection_spaces", &segment.unwrap_err());
}
