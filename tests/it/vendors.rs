//! The TOML tables of `docs/vendors.md`: each is a configuration that works, and the headers that
//! it sends are kept as a snapshot.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_trait::async_trait;
use http::{Request, Response};
use multi_auth::{RequestHead, Transport, TransportError};
use multi_auth_config::Config;

const PAGE: &str = include_str!("../../docs/vendors.md");

/// A token endpoint that gives the same token to everyone.
#[derive(Debug)]
struct OneToken;

#[async_trait]
impl Transport for OneToken {
    async fn send(&self, _: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, TransportError> {
        const BODY: &str = r#"{"token": "TOKEN", "access_token": "TOKEN", "token_type": "Bearer"}"#;
        Ok(Response::new(BODY.into()))
    }
}

/// The tables of the page, with a secret that has the name of its environment variable.
fn tables() -> Vec<String> {
    let blocks = PAGE.split("```toml\n").skip(1);
    let tables = blocks.map(|block| block.split("```").next().unwrap());
    let inline = |line: &str| match line.split_once("{ env = \"") {
        Some((field, rest)) => {
            let name = rest.split('"').next().unwrap();
            // A user and a password.
            let rest = if name == "ALPHAMOON_KEY" {
                ":secret"
            } else {
                ""
            };
            format!("{field}{{ dangerous_inline = \"{name}{rest}\" }}\n")
        }
        None => format!("{line}\n"),
    };
    tables
        .map(|table| table.lines().map(inline).collect())
        .collect()
}

/// The headers that `table` puts on a request, by the vendor's name.
async fn sent(table: &str) -> BTreeMap<String, String> {
    let config = Config::parse(table, "vendors.md", []).unwrap();
    let keyring = config.keyring(OneToken).await.unwrap();
    let mut sent = BTreeMap::new();
    for vendor in config.vendors() {
        let url = vendor.protection_spaces()[0].origin();
        let path = format!("{url}v1/resource");
        let (mut parts, ()) = Request::get(path).body(()).unwrap().into_parts();
        let head = RequestHead::from_parts(&parts);
        let credential = keyring.authenticate(&head).await.unwrap();
        credential.attach(&mut parts).unwrap();
        let mut text = format!("GET {}\n", parts.uri);
        for (name, value) in &parts.headers {
            assert!(value.is_sensitive(), "{name}");
            writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
        sent.insert(vendor.name().to_owned(), text);
    }
    sent
}

#[tokio::test]
async fn each_table_of_the_page_on_vendors_sends_its_credential() {
    let tables = tables();
    assert!(tables.len() >= 6, "is the page written otherwise now?");
    let mut text = String::new();
    for table in tables {
        for (vendor, sent) in sent(&table).await {
            writeln!(text, "[{vendor}]\n{sent}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
}
