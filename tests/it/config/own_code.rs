//! Authenticators and bindings that the program gives beside those of the file.

use http::HeaderValue;
use multi_auth::{
    ApiKey, AuthError, Authenticator, Credential, Placement, ProtectionSpace, RequestHead,
};
use multi_auth_config::ConfigProblem;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::ScriptedServer;

use super::parse;
use super::sources::{secret_file, write_secret};
use crate::adapter::Adapter;

/// Attaches the request's path, as a scheme that signs does.
#[derive(Debug)]
struct Signs;

impl Authenticator for Signs {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let value = HeaderValue::try_from(format!("signed {}", request.path())).unwrap();
        Some(Ok(Credential::header(
            http::HeaderName::from_static("x-signature"),
            value,
        )))
    }

    fn placements(&self) -> Vec<Placement> {
        vec![Placement::header("x-signature").unwrap()]
    }
}

fn own(url: &str) -> String {
    format!("[vendors.signed]\nurl = '{url}'\nscheme = {{ own = 'hmac' }}")
}

#[tokio::test]
async fn a_vendor_of_the_file_uses_the_authenticator_that_the_program_gives() {
    let server = ScriptedServer::start().await.unwrap();
    let config = parse(&own(server.url())).unwrap();
    assert_eq!(config.vendors()[0].own_authenticator(), Some("hmac"));
    let config = config.with_authenticator("hmac", Signs).unwrap();
    let keyring = config.keyring(Adapter::Reqwest.transport()).await.unwrap();
    let live = config.live_keyring(Adapter::Reqwest.transport()).await;
    for keyring in [keyring, live.unwrap().keyring().clone()] {
        let client = guarded_client(keyring).build().unwrap();
        let url = format!("{}/report", server.url());
        client.get(url).send().await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header("x-signature"), Some("signed /report"));
    }
}

#[tokio::test]
async fn an_authenticator_that_is_not_given_is_an_error_that_lists_those_that_are() {
    let text = format!(
        "{}\n[vendors.other]\nurl = 'https://o.example'\nscheme = {{ own = 'oauth1' }}",
        own("https://v.example")
    );
    let config = parse(&text).unwrap();
    let config = config.with_authenticator("oauth1", Signs).unwrap();
    let transport = || Adapter::Reqwest.transport();
    let error = config.keyring(transport()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "multi-auth.toml:3:10: vendors.signed.scheme: names an authenticator that the program does not give: \
         give it with `Config::with_authenticator`, or correct the name; the program gives oauth1"
    );
    assert!(config.live_keyring(transport()).await.is_err());
    assert!(config.vendors()[1].load(transport()).await.is_err());
}

#[test]
fn an_authenticator_that_no_vendor_names_is_an_error() {
    let config = parse(&own("https://v.example")).unwrap();
    let error = config.with_authenticator("hmca", Signs).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the program: gives the authenticator \"hmca\", which no vendor names: \
         write scheme = { own = \"hmca\" } in a vendor's table, or remove this authenticator"
    );
}

#[test]
fn a_key_beside_a_custom_authenticator_is_an_error() {
    let text = format!("{}\nkey = {{ env = 'K' }}", own("https://v.example"));
    let error = parse(&text).unwrap_err();
    assert_eq!(error.location().field, "vendors.signed.key");
    let secret = "[vendors.v]\nurl = 'https://v.example'\nscheme = { own = 'sk-canary' }";
    let error = parse(secret).unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test]
async fn bindings_of_the_program_stay_while_keys_of_the_file_rotate() {
    let (server, other) = (
        ScriptedServer::start().await.unwrap(),
        ScriptedServer::start().await.unwrap(),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = secret_file(&folder, "key", "k-1");
    let config = parse(&format!(
        "[vendors.v]\nurl = '{}'\nscheme = 'bearer'\nkey = {{ file = '{}' }}",
        server.url(),
        file.display()
    ));
    let space: ProtectionSpace = ProtectionSpace::new(other.url()).unwrap();
    let config = config.unwrap().with_binding(space, Signs).unwrap();
    let live = config.live_keyring(Adapter::Reqwest.transport()).await;
    let live = live.unwrap();
    let client = guarded_client(live.keyring().clone()).build().unwrap();
    for key in ["k-1", "k-2"] {
        write_secret(&file, key);
        assert!(live.refresh().await.is_empty());
        client.get(server.url()).send().await.unwrap();
        client.get(other.url()).send().await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(
            sent.header("authorization"),
            Some(&*format!("Bearer {key}"))
        );
        let sent = other.requests().pop().unwrap();
        assert_eq!(sent.header("x-signature"), Some("signed /"));
    }
    assert!(config.vendor_for(other.url(), None).is_none());
}

#[test]
fn a_binding_of_the_program_that_a_vendor_has_too_is_an_error_that_names_both() {
    let key = || ApiKey::header("x-key", "canary").unwrap();
    let space = || ProtectionSpace::new("https://v.example/v1").unwrap();
    let text = "[vendors.v]\nurl = 'https://v.example/v1'\nscheme = 'bearer'\nkey = { env = 'K' }";
    let error = parse(text).unwrap().with_binding(space(), key());
    let error = error.unwrap_err();
    assert!(matches!(error.problem(), ConfigProblem::Invalid(_)));
    let text = error.to_string();
    for part in ["the program", "https://v.example/v1", "vendors.v"] {
        assert!(text.contains(part), "{text}");
    }
    let twice = parse("").unwrap().with_binding(space(), key()).unwrap();
    let error = twice.with_binding(space(), key()).unwrap_err().to_string();
    assert!(error.contains("already binds"), "{error}");
    assert!(!error.contains("canary"), "{error}");
}
