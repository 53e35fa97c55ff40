//! The constant header fields of a vendor: where they go, and what they may not be.

use multi_auth::Account;
use multi_auth_testing::{ImmutaSimulator, ScriptedServer};

use super::parse;
use crate::adapter::Adapter;

#[tokio::test]
async fn a_token_request_sends_the_constant_headers_of_its_entry() {
    let headers = "headers = { user-agent = 'acme/1', x-version = '2' }";
    let immuta = ImmutaSimulator::start().await.unwrap();
    let scripted = ScriptedServer::start().await.unwrap();
    let text = format!(
        "[vendors.i]\npreset = 'immuta'\nurl = '{0}'\nkey.dangerous_inline = '{1}'\n{headers}\n\
         [vendors.e]\nscheme = 'token_endpoint'\nurl = '{2}'\nkey.dangerous_inline = 'k'\n{headers}\n\
         token_endpoint = {{ url = '{2}/login', key_field = 'k' }}\n",
        immuta.url(),
        immuta.api_key(),
        scripted.url(),
    );
    let config = parse(&text).unwrap();
    for vendor in config.vendors() {
        let opened = vendor.load(Adapter::Reqwest.transport()).await.unwrap();
        let _ = opened.obtain().await;
    }
    for request in [immuta.requests().pop(), scripted.requests().pop()] {
        let request = request.unwrap();
        assert_eq!(request.header_values("user-agent"), ["acme/1"]);
        assert_eq!(request.header("x-version"), Some("2"));
        assert_eq!(request.header("accept"), Some("application/json"));
    }
}

#[test]
fn a_constant_header_that_could_carry_a_key_is_refused_at_its_place() {
    for (scheme, name) in [
        ("scheme = 'bearer'", "Authorization"),
        ("scheme = 'bearer'", "cookie"),
        ("scheme = 'bearer'", "x-api-key"),
        ("scheme = 'bearer'", "content-length"),
        ("scheme = 'header'\nname = 'X-North'", "x-north"),
        ("scheme = 'bearer'", "not a name"),
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\n{scheme}\nkey = {{ env = 'K' }}\n\
             headers = {{ '{name}' = 'canary' }}"
        );
        let error = parse(&text).unwrap_err();
        assert_eq!(
            error.location().field,
            "vendors.v.headers",
            "{name}: {error}"
        );
        assert!(error.location().position.is_some());
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn the_vendor_of_a_url_is_the_one_whose_credential_is_attached() {
    let config = parse(
        "[vendors.all]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { env = 'K' }\n\
         [vendors.some]\nurl = 'https://v.example/v1'\nscheme = 'bearer'\nkey = { env = 'K' }\n\
         [vendors.north]\nurl = 'https://v.example'\naccount = 'north'\nscheme = 'bearer'\nkey = { env = 'K' }\n",
    )
    .unwrap();
    let name = |url, account: Option<&str>| {
        let account = account.map(Account::new);
        let vendor = config.vendor_for(url, account.as_ref());
        vendor.map(|vendor| vendor.name().to_owned())
    };
    assert_eq!(name("https://v.example/", None).as_deref(), Some("all"));
    assert_eq!(
        name("https://v.example/v1/a", None).as_deref(),
        Some("some")
    );
    let north = name("https://v.example/", Some("north"));
    assert_eq!(north.as_deref(), Some("north"));
    assert_eq!(name("https://other.example/", None), None);
}
