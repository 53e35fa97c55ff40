//! Two credentials on one URL.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use multi_auth::Rotation;
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{ScriptedResponse, ScriptedServer};

use super::sources::{secret_file, write_secret};
use super::{keyring, parse};
use crate::adapter::Adapter;

fn text(url: &str, own: &str, also: &str) -> String {
    format!(
        "[vendors.v]\nurl = '{url}'\nscheme = 'header'\nname = 'x-api-key'\nkey = {own}\n\
         also = {{ scheme = 'header', name = 'x-app-key', key = {also} }}"
    )
}

#[tokio::test]
async fn both_credentials_are_sent_to_the_protection_space_only() {
    let (server, other) = (
        ScriptedServer::start().await.unwrap(),
        ScriptedServer::start().await.unwrap(),
    );
    let text = text(
        server.url(),
        "{ dangerous_inline = 'a-1' }",
        "{ dangerous_inline = 'b-1' }",
    );
    let client = guarded_client(keyring(&text).await.unwrap())
        .build()
        .unwrap();
    for server in [&server, &other] {
        client.get(server.url()).send().await.unwrap();
    }
    let sent = server.requests().pop().unwrap();
    assert_eq!(sent.header("x-api-key"), Some("a-1"));
    assert_eq!(sent.header("x-app-key"), Some("b-1"));
    let sent = other.requests().pop().unwrap();
    assert!(sent.header("x-api-key").is_none() && sent.header("x-app-key").is_none());
}

#[tokio::test]
async fn each_of_two_keys_follows_its_file_and_is_judged_alone() {
    let server = ScriptedServer::start().await.unwrap();
    // A mistyped second key is refused.
    server.respond_with(|request| {
        let is_right = request.header("x-app-key") != Some("wrong");
        ScriptedResponse::new(if is_right {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        })
    });
    let folder = tempfile::tempdir().unwrap();
    let (own, also) = (
        secret_file(&folder, "own", "a-1"),
        secret_file(&folder, "also", "b-1"),
    );
    let file = |path: &std::path::Path| format!("{{ file = '{}' }}", path.display());
    let config = parse(&text(server.url(), &file(&own), &file(&also))).unwrap();
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    let client = guarded_client(live.keyring().clone()).build().unwrap();
    let status = async || client.get(server.url()).send().await.unwrap().status();
    assert_eq!(status().await, 200);

    write_secret(&own, "a-2");
    assert!(live.refresh().await.is_empty());
    assert_eq!(status().await, 200);
    let sent = server.requests().pop().unwrap();
    assert_eq!(
        (sent.header("x-api-key"), sent.header("x-app-key")),
        (Some("a-2"), Some("b-1"))
    );

    write_secret(&also, "wrong");
    assert!(live.refresh().await.is_empty());
    assert_eq!(status().await, 200);
    let sent = server.requests().pop().unwrap();
    assert_eq!(
        (sent.header("x-api-key"), sent.header("x-app-key")),
        (Some("a-2"), Some("b-1"))
    );
    let rotations: Vec<_> = live.rotations().collect();
    assert_eq!(rotations[0], ("v", Rotation::Settled));
    assert_eq!(rotations[1], ("v.also", Rotation::Refused));
}

#[tokio::test]
async fn the_earlier_expiry_of_two_keys_counts() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    let text = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\n\
                key = { dangerous_inline = 'a-1' }\nexpires_at = 2999-01-01\n\
                [vendors.v.also]\nscheme = 'query'\nname = 'app'\n\
                key = { dangerous_inline = 'b-1' }\nexpires_at = 2027-01-20";
    let config = parse(text).unwrap();
    assert_eq!(config.vendors()[0].days_left(now), Some(4));
    assert_eq!(config.expiring(30, now).count(), 1);
    let live = config
        .live_keyring(Adapter::Reqwest.transport())
        .await
        .unwrap();
    assert_eq!(live.warn_of_expiry(now).await, [("v.also".to_owned(), 4)]);
}

#[tokio::test]
async fn a_look_at_a_vendor_shows_both_places() {
    let text = text(
        "https://v.example",
        "{ dangerous_inline = 'a-1' }",
        "{ dangerous_inline = '\"b-1\"' }",
    );
    let config = parse(&text).unwrap();
    let opened = config.vendors()[0]
        .load(Adapter::Reqwest.transport())
        .await
        .unwrap();
    assert_eq!(opened.sends(), ["x-api-key: ****", "x-app-key: ****"]);
    assert_eq!(opened.findings().len(), 1);
}

/// Whichever of the two the entry names first.
#[tokio::test]
async fn a_signature_covers_the_other_credential() {
    let signature = "scheme = 'hmac', key = { dangerous_inline = 'secret' }, \
                     hmac = { signature = { algorithm = 'hmac-sha256', message = '{request_target}' }, \
                     values = { target = { message = '{request_target}' } }, \
                     headers = { x-sign = '{signature}', x-target = '{target}' } }";
    let key = "scheme = 'query', name = 'api_key', key = { dangerous_inline = 'k-1' }";
    for (own, also) in [(signature, key), (key, signature)] {
        for adapter in [Adapter::Reqwest, Adapter::Tower] {
            let server = ScriptedServer::start().await.unwrap();
            let url = server.url();
            let text = format!("vendors.v = {{ url = '{url}', {own}, also = {{ {also} }} }}");
            let client = adapter.client(&keyring(&text).await.unwrap());
            client.get(&format!("{url}/v1?a=b")).await.unwrap();
            let sent = server.requests().pop().unwrap();
            assert_eq!(sent.header("x-target"), Some("/v1?a=b&api_key=k-1"));
            // HMAC-SHA256("secret", that text), by Python's hmac.
            let expected = "4716caf4736881387619f0833d4489b64d1c4862a07be49dff133b109b7f4913";
            assert_eq!(sent.header("x-sign"), Some(expected));
        }
    }
}

#[test]
fn what_cannot_be_sent_besides_is_refused_at_its_place() {
    for (also, expected) in [
        (
            "scheme = 'header', name = 'X-Api-Key', key = { env = 'K' }",
            "vendors.v.also: has the same place as",
        ),
        ("scheme = 'bearer'", "vendors.v.also.key: is missing"),
        ("key = { env = 'K' }", "vendors.v.also.scheme: is missing"),
        (
            "scheme = 'bearer', key = 'canary'",
            "vendors.v.also.key: must not be a secret itself",
        ),
        (
            "scheme = 'bearer', key = { env = 'K' }, url = 'https://canary.example'",
            "vendors.v.also.url: belongs to the vendor itself",
        ),
        (
            "scheme = 'query', key = { env = 'K' }",
            "vendors.v.also.name: is missing",
        ),
    ] {
        let text = format!(
            "[vendors.v]\nurl = 'https://v.example'\nscheme = 'header'\nname = 'x-api-key'\nkey = {{ env = 'K' }}\nalso = {{ {also} }}"
        );
        let error = parse(&text).unwrap_err().to_string();
        assert!(
            error.contains(expected) && !error.contains("canary"),
            "{also}: {error}"
        );
    }
}
