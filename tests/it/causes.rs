//! An error's text says the whole, and what its source says is not in it: a report of all causes
//! shows each text once.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use multi_auth::{AuthError, Bearer, Keyring, TokenEndpoint, source_fn};
use multi_auth_config::Config;
use multi_auth_testing::ScriptedServer;

use crate::adapter::Adapter;

/// As `anyhow`'s `{:#}` prints it.
fn assert_each_text_once(error: &(dyn Error + 'static)) {
    let texts: Vec<_> = std::iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect();
    let report = texts.join(": ");
    for text in &texts {
        let count = report.matches(text.as_str()).count();
        assert_eq!(count, 1, "{text:?} in {report:?}");
    }
}

#[tokio::test]
async fn a_report_of_all_causes_shows_each_text_once() {
    let vendor = |key: &str| {
        format!("[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = {key}\n")
    };
    for key in [
        "{ file = '/no/such/file' }",
        "{ command = ['printf', 'k\\nk'] }",
        "{}",
    ] {
        let config = match Config::parse(&vendor(key), "a.toml", []) {
            Ok(config) => config
                .live_keyring(Adapter::Reqwest.transport())
                .await
                .map(drop),
            Err(error) => Err(error),
        };
        assert_each_text_once(&config.expect_err(key));
    }
    assert_each_text_once(&Config::read("/no/such/file").unwrap_err());
    let server = ScriptedServer::start().await.unwrap();
    let taken: SocketAddr = server
        .url()
        .strip_prefix("http://")
        .unwrap()
        .parse()
        .unwrap();
    for address in ["192.0.2.1:80".parse().unwrap(), taken] {
        let server = ScriptedServer::builder().bind(address).start().await;
        assert_each_text_once(&server.map(drop).unwrap_err());
    }
}

on_each_adapter! {
    async fn an_adapters_error_shows_each_text_once(adapter: Adapter) {
        let down = source_fn(|| async {
            Err(AuthError::transient(io::Error::other(AuthError::NotReady)))
        });
        let none = TokenEndpoint::builder("http://127.0.0.1:1", adapter.transport()).unwrap().build();
        for bearer in [Bearer::new(down), Bearer::new(none)] {
            let keyring = Keyring::builder().bind("https://v.example", bearer).unwrap().build();
            let error = adapter.client(&keyring).get("https://v.example").await.unwrap_err();
            assert!(AuthError::find(&*error).is_some(), "{error:?}");
            assert_each_text_once(&*error);
        }
    }
}
