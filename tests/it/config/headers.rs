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
fn a_constant_header_is_no_field_of_a_signature() {
    let signature = "signature = { algorithm = 'hmac-sha256', message = '{method}' }";
    let hmac = format!(
        "scheme = 'hmac'\nhmac = {{ {signature}, headers = {{ x-sign = '{{signature}}' }} }}"
    );
    let sigv4 = "scheme = 'aws_sigv4'\n\
                 sigv4 = { region = 'eu-west-1', service = 's3', access_key_id = 'A' }";
    let azure = "scheme = 'azure_shared_key'\nazure = { account = 'acme1' }";
    let message = "scheme = 'http_signature'\nalgorithm = 'EdDSA'";
    let dpop = "scheme = 'client_credentials'\ntoken_url = 'https://v.example/t'\n\
                client_id = 'c'\ndpop = { key = { env = 'D' }, algorithm = 'ES256' }";
    for (scheme, name, is_refused) in [
        (&*hmac, "X-Sign", true),
        (&hmac, "x-other", false),
        (sigv4, "x-amz-date", true),
        (sigv4, "x-amz-content-sha256", false),
        (azure, "x-ms-date", true),
        (azure, "x-ms-version", false),
        (azure, "date", false),
        (message, "signature", true),
        (message, "signature-input", true),
        (dpop, "dpop", true),
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\n{scheme}\nkey = {{ env = 'K' }}\n\
             headers = {{ '{name}' = '2023-11-03' }}"
        );
        let message = parse(&text).err().map(|error| error.to_string());
        let says = "vendors.v.headers: sets a header field of the credential";
        let has_said = message.as_ref().is_some_and(|text| text.contains(says));
        assert_eq!(
            (has_said, message.is_some()),
            (is_refused, is_refused),
            "{name}: {message:?}"
        );
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
