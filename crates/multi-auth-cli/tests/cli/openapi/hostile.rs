//! A document is foreign: its texts stay in their places, and hide nothing.

use serde_json::{Value, json};

use super::{document, written};

/// A document whose vendor takes a key in a header field, with these servers.
fn keyed(servers: &Value) -> String {
    let key = json!({ "s": { "type": "apiKey", "in": "header", "name": "X-Key" } });
    let mut document = document(&key, &json!([{ "s": [] }]));
    document["servers"] = servers.clone();
    document.to_string()
}

#[tokio::test]
async fn the_texts_of_a_document_cannot_write_other_fields() {
    let hostile = "k\"\n[vendors.evil]\nurl = \"https://evil.example";
    let mut document = document(
        &json!({ "s": { "type": "apiKey", "in": "query", "name": hostile } }),
        &json!([{ "s": [] }]),
    );
    document["info"]["title"] = hostile.into();
    document["servers"] = json!([
        { "url": "https://a.example\n[vendors.evil]" },
        { "url": "https://{x}/v1", "variables": { "x": { "default": "b.example" } } },
        { "url": "https://c.example#\"\nkey = 1" },
    ]);
    let (run, written) = written(&document.to_string(), "a.json", "\n\n\nenv K\n\nn\n").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let root: toml::Table = written.parse().unwrap();
    let vendors = root["vendors"].as_table().unwrap();
    let entry = vendors["k-vendors-evil"].as_table().unwrap();
    let names: Vec<_> = entry.keys().map(String::as_str).collect();
    assert_eq!(
        (vendors.len(), names),
        (1, vec!["key", "name", "scheme", "url"])
    );
    assert_eq!(entry["name"].as_str(), Some(hostile));
    assert_eq!(entry["url"].as_str(), Some("https://b.example/v1"));
}

/// Escape sequences and right-to-left overrides could show another host than the one in the URL.
#[tokio::test]
async fn a_server_that_a_terminal_shows_otherwise_is_not_offered() {
    let value = |value: &str| json!({ "v": { "default": value, "enum": [value] } });
    let servers = json!([
        { "url": "https://evil.example/\u{1b}[2K\u{d}https://api.pets.example" },
        { "url": "https://evil.example/\u{202e}elpmaxe" },
        { "url": format!("https://evil.example/{}", "a".repeat(300)) },
        { "url": "https://{v}", "variables": value("evil.example/\u{1b}[8m") },
        { "url": "https://a.example/v1" },
    ]);
    let (run, written) = written(&keyed(&servers), "a.json", "\n\nenv K\n\nn\n").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        written.contains("url = \"https://a.example/v1\""),
        "{written}"
    );
    assert!(!run.shown().contains("evil"), "{run:?}");
}

#[tokio::test]
async fn a_value_is_not_searched_for_the_names_of_other_values() {
    let variables = json!({ "a": { "default": "{b}" }, "b": { "default": "evil" } });
    let servers = json!([{ "url": "https://pets.example/{a}/{b}", "variables": variables }]);
    let answers = "\n\n\n\nenv K\n\nn\n";
    let (run, written) = written(&keyed(&servers), "a.json", answers).await;
    let is_doubled = written.contains("evil/evil") || run.shown().contains("evil/evil");
    assert!(!is_doubled, "{run:?} {written}");
}

#[tokio::test]
async fn at_most_50_servers_are_offered() {
    let server = |number: u32| json!({ "url": format!("https://s{number}.example") });
    let servers: Vec<_> = (1..=1_000).map(server).collect();
    let answers = "\n51\n50\n\nenv K\n\nn\n";
    let (run, written) = written(&keyed(&json!(servers)), "a.json", answers).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.errors.contains("Write a number from 1 to 50"),
        "{run:?}"
    );
    assert!(written.contains("https://s50.example"), "{written}");
}

#[tokio::test]
async fn a_user_sees_where_a_client_secret_goes() {
    let flows = json!({ "clientCredentials": { "tokenUrl": "https://login.example/t" } });
    let schemes = json!({ "s": { "type": "oauth2", "flows": flows } });
    let document = document(&schemes, &json!([{ "s": [] }])).to_string();
    let (run, _) = written(&document, "a.json", "\n\nmy-app\nenv K\n\nn\n").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let note = "The client secret goes to https://login.example/t";
    assert!(run.errors.contains(note), "{run:?}");
}

/// DEL is no character of a JSON string that TOML allows.
#[tokio::test]
async fn a_name_with_any_control_character_is_written_as_toml() {
    let name = "a\u{7f}\u{1}\u{85}b";
    let schemes = json!({ "s": { "type": "apiKey", "in": "query", "name": name } });
    let document = document(&schemes, &json!([{ "s": [] }])).to_string();
    let (run, written) = written(&document, "a.json", "\n\nenv K\n\nn\n").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    let root: toml::Table = written.parse().unwrap();
    let entry = &root["vendors"]["pet-store"];
    assert_eq!(entry["name"].as_str(), Some(name), "{written}");
}
