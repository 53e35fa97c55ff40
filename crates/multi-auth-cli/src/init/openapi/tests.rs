//! What holds for any document.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{Credential, Document, Flow, parse};

const NAMES: &[&str] = &[
    "a",
    "b",
    "$ref",
    "type",
    "in",
    "name",
    "scheme",
    "flows",
    "clientCredentials",
    "authorizationCode",
    "deviceAuthorization",
    "tokenUrl",
    "authorizationUrl",
    "deviceAuthorizationUrl",
    "openIdConnectUrl",
    "url",
    "variables",
    "default",
    "enum",
];

const TEXTS: &[&str] = &[
    "apiKey",
    "http",
    "oauth2",
    "openIdConnect",
    "mutualTLS",
    "header",
    "query",
    "cookie",
    "basic",
    "bearer",
    "Token",
    "x y",
    "https://a.example",
    "http://a.example",
    "/token",
    "//b.example/t",
    "https://{a}.example/{b}",
    "javascript:x",
    "https://u:p@a.example",
    "https://a.example/#f",
    "https://a.example/.well-known/openid-configuration",
    "#/components/securitySchemes/a",
    "#/x",
    "",
    "a",
    "\u{1b}[31m",
    "https://a.example/\u{1b}[31m",
    "https://a.example/\u{202e}a",
    "\u{202e}a",
    "\n",
    "\"",
    "é",
];

/// A tree of the names and texts of such documents.
fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => select(TEXTS).prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => btree_map(select(NAMES), inner, 0..6).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Value::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn is_https(url: &str) -> bool {
    url.starts_with("https://") && !url.contains(['#', '{', '\n', '@', '\u{1b}', '\u{202e}'])
}

proptest! {
    #[test]
    fn every_url_of_a_document_is_https_and_every_text_is_shown_in_one_line(
        (servers, schemes, security, title) in (vec(tree(), 0..3), tree(), vec(tree(), 0..3), select(TEXTS))
    ) {
        let document = json!({
            "openapi": "3.0.0", "info": { "title": title }, "servers": servers,
            "components": { "securitySchemes": schemes }, "security": security,
        });
        let Ok(document) = Document::of(document) else {
            return Ok(());
        };
        let Ok(alternatives) = document.alternatives("https://base.example/v1") else {
            return Ok(());
        };
        let is_hidden = |letter: char| letter.is_control() || letter == '\u{202e}';
        prop_assert!(!document.title.contains(is_hidden));
        prop_assert!(!alternatives.usable.is_empty());
        for url in document.servers.iter().map(|server| &server.url) {
            prop_assert!(url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic()));
        }
        let credentials = alternatives.usable.iter().flat_map(|one| &one.credentials);
        for (credential, _) in credentials {
            let urls = match credential {
                Credential::Static { .. } => Vec::new(),
                Credential::Issuer(issuer) => vec![issuer],
                Credential::OAuth(Flow::ClientCredentials { token_url }) => vec![token_url],
                Credential::OAuth(Flow::Login { token_url, authorization_url, device_authorization_url }) => {
                    [Some(token_url), authorization_url.as_ref(), device_authorization_url.as_ref()]
                        .into_iter().flatten().collect()
                }
            };
            prop_assert!(urls.iter().all(|url| is_https(url)), "{credential:?}");
        }
    }

    #[test]
    fn any_text_is_a_document_or_an_error(text in "[\\x00-\\x7fé]{0,80}") {
        let _ = parse(&text).map(|root| Document::of(root).is_ok());
    }
}
