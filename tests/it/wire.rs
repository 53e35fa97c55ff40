//! Exactly what goes on the wire, for every scheme, vendor and adapter, as snapshots.

use std::fmt::Write as _;

use multi_auth::{
    AllOf, Alphamoon, ApiKey, Basic, Bearer, Immuta, Keyring, Placement, Token, source_fn,
};
use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator, LoopbackServer, ScriptedServer};

use crate::adapter::Adapter;

/// The requests that `server` received, as sent on the wire except for its port.
pub(crate) fn transcript(server: &LoopbackServer) -> String {
    let mut text = String::new();
    for request in server.requests() {
        let query = request
            .query
            .as_ref()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        writeln!(text, "{} {}{query}", request.method, request.path).unwrap();
        for (name, value) in &request.headers {
            let value = value.to_str().unwrap();
            let is_port_shown = name == "host" && value.starts_with("127.0.0.1:");
            let value = if is_port_shown { "127.0.0.1" } else { value };
            let value = value.replace(env!("CARGO_PKG_VERSION"), "<version>");
            writeln!(text, "{name}: {value}").unwrap();
        }
        writeln!(text, "\n{}", request.text()).unwrap();
    }
    text
}

/// Compares with the snapshot called `name`, one for each adapter.
pub(crate) fn assert_wire(adapter: Adapter, name: &str, text: &str) {
    insta::with_settings!({ prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(format!("wire_{name}_{adapter:?}").to_lowercase(), text);
    });
}

async fn sent_to_alphamoon(
    adapter: Adapter,
    key: impl Fn(&Alphamoon, &AlphamoonSimulator) -> Basic,
) -> String {
    let server = AlphamoonSimulator::start().await.unwrap();
    let vendor = Alphamoon::new(server.url()).unwrap();
    let keyring = Keyring::builder()
        .bind(vendor.protection_space(), key(&vendor, &server))
        .unwrap()
        .build();
    let url = format!("{}/api/v0.3/processes?offset=0&limit=10", server.url());
    assert!(
        adapter
            .client(&keyring)
            .get(&url)
            .await
            .unwrap()
            .status
            .is_success()
    );
    transcript(&server)
}

async fn sent_to_immuta(adapter: Adapter, immuta: impl Fn(Immuta) -> Immuta) -> String {
    // The documented token makes the transcript the same each time.
    let server = ImmutaSimulator::builder()
        .base_path("/immuta")
        .start()
        .await
        .unwrap();
    let vendor = immuta(Immuta::new(server.url()).unwrap());
    let bearer = vendor
        .bearer(server.api_key(), adapter.transport())
        .unwrap();
    let keyring = Keyring::builder()
        .bind(vendor.protection_space(), bearer)
        .unwrap()
        .build();
    let url = format!("{}/audit", server.url());
    assert!(
        adapter
            .client(&keyring)
            .get(&url)
            .await
            .unwrap()
            .status
            .is_success()
    );
    mask_tokens(&transcript(&server))
}

/// Puts a name in the place of the token, which is another each time.
fn mask_tokens(text: &str) -> String {
    let key = "846e9e43c86a4ct1be14290d95127d13f";
    let masked = text
        .lines()
        .map(|line| match line.strip_prefix("authorization: ") {
            Some(value) if value.strip_prefix("Bearer ").unwrap_or(value) != key => {
                let prefix = if value.starts_with("Bearer ") {
                    "Bearer "
                } else {
                    ""
                };
                format!("authorization: {prefix}<token>\n")
            }
            _ => format!("{line}\n"),
        });
    masked.collect()
}

async fn sent_anywhere(adapter: Adapter, keyring: impl Fn(&str) -> Keyring) -> String {
    let server = ScriptedServer::start().await.unwrap();
    let client = adapter.client(&keyring(server.url()));
    client
        .get(&format!("{}/reports?page=1", server.url()))
        .await
        .unwrap();
    transcript(&server)
}

async fn sent_with(adapter: Adapter, key: ApiKey) -> String {
    sent_anywhere(adapter, |url| {
        Keyring::builder().bind(url, key.clone()).unwrap().build()
    })
    .await
}

on_each_adapter! {
    async fn alphamoon_by_basic(adapter: Adapter) {
        let sent = sent_to_alphamoon(adapter, |vendor, server| {
            vendor.organization_key(server.organization_key()).unwrap()
        }).await;
        assert_wire(adapter, "alphamoon", &sent);
    }

    async fn alphamoon_by_ready_made_header_is_the_same_on_the_wire(adapter: Adapter) {
        let sent = sent_to_alphamoon(adapter, |vendor, _| {
            vendor.encoded_key("aDEyc2hhZGphZGE6MTNlaGpoajFiM2o=").unwrap()
        }).await;
        assert_wire(adapter, "alphamoon", &sent);
    }

    async fn immuta_by_raw_key(adapter: Adapter) {
        let server = ImmutaSimulator::start().await.unwrap();
        let vendor = Immuta::new(server.url()).unwrap();
        let key = vendor.raw_key(server.api_key()).unwrap();
        let keyring = Keyring::builder().bind(vendor.protection_space(), key).unwrap().build();
        let url = format!("{}/audit", server.url());
        assert!(adapter.client(&keyring).get(&url).await.unwrap().status.is_success());
        assert_wire(adapter, "immuta_raw_key", &transcript(&server));
    }

    async fn immuta_by_bearer_token(adapter: Adapter) {
        assert_wire(adapter, "immuta_bearer", &sent_to_immuta(adapter, |vendor| vendor).await);
    }

    async fn immuta_with_the_key_in_the_header_of_the_token_request(adapter: Adapter) {
        let sent = sent_to_immuta(adapter, Immuta::with_key_in_header).await;
        assert_wire(adapter, "immuta_key_in_header", &sent);
    }

    async fn immuta_by_raw_token(adapter: Adapter) {
        let sent = sent_to_immuta(adapter, |vendor| vendor.with_prefix("").unwrap()).await;
        assert_wire(adapter, "immuta_raw_token", &sent);
    }

    async fn a_key_in_each_place(adapter: Adapter) {
        let token = Placement::authorization().with_prefix("Token token=").unwrap();
        let keys = [
            ApiKey::header("X-API-Key", "k-1").unwrap(),
            ApiKey::authorization("k-1").unwrap(),
            ApiKey::new(token, "k-1").unwrap(),
            ApiKey::query("api key", "k/1?").unwrap(),
            ApiKey::cookie("session", "k-1").unwrap(),
        ];
        let mut sent = String::new();
        for key in keys {
            sent += &sent_with(adapter, key).await;
        }
        assert_wire(adapter, "api_key", &sent);
    }

    async fn a_key_and_a_token_at_once(adapter: Adapter) {
        let sent = sent_anywhere(adapter, |url| {
            let key = ApiKey::header("x-api-key", "k-1").unwrap();
            let token = Bearer::new(source_fn(|| async { Ok(Token::new("t-1")) }));
            Keyring::builder().bind(url, AllOf::new(key, token)).unwrap().build()
        }).await;
        assert_wire(adapter, "all_of", &sent);
    }

    async fn basic_with_either_half_empty(adapter: Adapter) {
        let mut sent = String::new();
        for (user, password) in [("key", ""), ("", "key"), ("", "")] {
            sent += &sent_anywhere(adapter, |url| {
                Keyring::builder().bind(url, Basic::new(user, password).unwrap()).unwrap().build()
            }).await;
        }
        assert_wire(adapter, "basic_empty_half", &sent);
    }
}
