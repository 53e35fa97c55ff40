//! From a file to credentials that vendors accept, and the errors of invalid files.

mod also;
mod azure;
mod base_url;
mod client_credentials;
mod digest;
mod dpop;
mod errors;
mod files;
mod headers;
mod hmac;
mod http_signature;
mod jwt;
mod live;
mod misplaced;
mod names;
mod nginx;
mod oauth1;
pub(crate) mod os_keyring;
mod own_code;
mod proxy;
mod refresh_token;
mod refusals;
mod second_secret;
mod shared;
mod signed_requests;
mod sigv4;
pub(crate) mod sources;
mod steps;
mod together;
mod token_endpoint;
mod vault;
mod vendor;

use multi_auth::Keyring;
use multi_auth_config::{Config, ConfigError, Vendor};
use multi_auth_reqwest::guarded_client;
use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator, ScriptedResponse, ScriptedServer};
use serde_json::json;

use crate::adapter::Adapter;

/// The configuration in `text`, with nothing set in the environment.
pub(crate) fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "multi-auth.toml", [])
}

async fn keyring(text: &str) -> Result<Keyring, ConfigError> {
    parse(text)?.keyring(Adapter::Reqwest.transport()).await
}

#[tokio::test]
async fn the_vendors_of_a_file_accept_what_its_keyring_sends() {
    let (alphamoon, immuta) = tokio::join!(AlphamoonSimulator::start(), ImmutaSimulator::start());
    let (alphamoon, immuta) = (alphamoon.unwrap(), immuta.unwrap());
    let folder = tempfile::tempdir().unwrap();
    let key = sources::secret_file(&folder, "immuta", &format!("{}\n", immuta.api_key()));
    let text = format!(
        r#"
        [vendors.alphamoon]
        preset = "alphamoon"
        url = "{}"
        key = {{ command = ["printf", "{}\n"] }}
        expires_at = 2999-01-01

        [vendors.warehouse]
        preset = "immuta"
        url = "{}"
        key = {{ file = "{}" }}
        "#,
        alphamoon.url(),
        alphamoon.organization_key(),
        immuta.url(),
        key.display(),
    );
    let client = guarded_client(keyring(&text).await.unwrap())
        .build()
        .unwrap();
    for url in [
        format!("{}/api/v0.3/processes", alphamoon.url()),
        format!("{}/audit", immuta.url()),
    ] {
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{url}");
    }
}

#[tokio::test]
async fn each_scheme_puts_the_key_where_the_file_says() {
    for (fields, field, expected) in [
        (
            "scheme = 'basic'\nuser = 'u'",
            "authorization",
            "Basic dTprLTE=",
        ),
        ("scheme = 'bearer'", "authorization", "Bearer k-1"),
        ("scheme = 'authorization'", "authorization", "k-1"),
        (
            "scheme = 'authorization'\nprefix = 'SSWS '",
            "authorization",
            "SSWS k-1",
        ),
        ("scheme = 'header'\nname = 'x-key'", "x-key", "k-1"),
        (
            "scheme = 'cookie'\nname = 'session'",
            "cookie",
            "session=k-1",
        ),
        ("preset = 'immuta-raw-key'", "authorization", "k-1"),
    ] {
        let server = ScriptedServer::start().await.unwrap();
        let text = format!(
            "[vendors.v]\nurl = '{}'\nkey.dangerous_inline = 'k-1'\n{fields}",
            server.url()
        );
        let client = guarded_client(keyring(&text).await.unwrap())
            .build()
            .unwrap();
        client.get(server.url()).send().await.unwrap();
        let sent = server.requests().pop().unwrap();
        assert_eq!(sent.header(field), Some(expected), "{fields}");
    }
}

#[tokio::test]
async fn a_token_request_is_described_in_the_file() {
    let server = ScriptedServer::start().await.unwrap();
    server.push(
        ScriptedResponse::new(http::StatusCode::OK)
            .with_json(&json!({ "data": { "token": "t-1" } })),
    );
    let text = format!(
        r#"
        [vendors.reports]
        url = "{url}/v1"
        scheme = "token_endpoint"
        key = {{ dangerous_inline = "k-1" }}
        token_endpoint = {{ url = "{url}/login", key_field = "secret", fields = {{ client = "c-1" }}, token_at = "/data/token" }}
        "#,
        url = server.url()
    );
    let client = guarded_client(keyring(&text).await.unwrap())
        .build()
        .unwrap();
    client
        .get(format!("{}/v1/reports", server.url()))
        .send()
        .await
        .unwrap();
    let [login, request] = server.requests().try_into().unwrap();
    assert_eq!(login.body, r#"{"client":"c-1","secret":"k-1"}"#);
    assert_eq!(request.header("authorization"), Some("Bearer t-1"));
}

#[tokio::test]
async fn one_vendor_has_many_customers_and_paths() {
    let text = r#"
        [vendors.north]
        url = "https://api.example.com"
        account = "north"
        scheme = "bearer"
        key = { dangerous_inline = "n-1" }

        [vendors.south]
        url = "https://api.example.com/v1"
        account = "south"
        scheme = "bearer"
        key = { dangerous_inline = "s-1" }
        "#;
    assert!(keyring(text).await.is_ok());
    let config = parse(text).unwrap();
    let names: Vec<_> = config.vendors().iter().map(Vendor::name).collect();
    assert_eq!(names, ["north", "south"]);
}

#[tokio::test]
async fn the_environment_overrides_the_file() {
    let text = r#"
        dangerous_url_from_environment = true
        [vendors.your-reports]
        url = "https://old.example.com"
        scheme = "bearer"
        key = { dangerous_inline = "k-1" }
        "#;
    let with = |variable: &str, value: &str| {
        let variables = [("PATH", "/bin"), (variable, value)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Config::parse(text, "multi-auth.toml", variables)
    };
    let config = with("MULTI_AUTH__YOUR_REPORTS__URL", "https://new.example.com").unwrap();
    let [vendor] = config.vendors() else { panic!() };
    assert_eq!(
        vendor.protection_spaces()[0].origin().as_str(),
        "https://new.example.com/"
    );

    let error = with("MULTI_AUTH__YOUR_REPORTS__URL", "new.example.com").unwrap_err();
    assert_eq!(
        error.location().source,
        "environment variable MULTI_AUTH__YOUR_REPORTS__URL"
    );
    assert_eq!(error.location().field, "vendors.your-reports.url");
    for variable in [
        "MULTI_AUTH__YOUR_REPORTS__KEY",
        "MULTI_AUTH__URL",
        "MULTI_AUTH__YOUR_REPORTS__ULR",
    ] {
        let error = with(variable, "canary").unwrap_err().to_string();
        assert!(
            error.contains(variable) && !error.contains("canary"),
            "{error}"
        );
    }
    for (variable, expected) in [
        (
            "MULTI_AUTH__YOUR_REPORTS__PRESET",
            "is not a vendor of the catalogue",
        ),
        ("MULTI_AUTH__YOUR_REPORTS__SCHEME", "write one of `basic`"),
        (
            "MULTI_AUTH__NOBODY__URL",
            "names a vendor that is not in the file",
        ),
    ] {
        let error = with(variable, "canary").unwrap_err();
        assert_eq!(
            error.location().source,
            format!("environment variable {variable}")
        );
        let error = error.to_string();
        assert!(
            error.contains(expected) && !error.contains("canary"),
            "{error}"
        );
    }
}

#[test]
fn a_vendor_of_any_name_can_be_set_in_the_environment() {
    for name in [
        "a", "a--b", "a__b", "a-_b", "a-", "_a", "__", "A--B--C", "a__url",
    ] {
        let text = format!(
            "dangerous_url_from_environment = true\n\
             [vendors.{name}]\nurl = 'https://old.example'\nscheme = 'bearer'\nkey = {{ env = 'K' }}"
        );
        let variable = format!("MULTI_AUTH__{}__URL", name.replace('-', "_").to_uppercase());
        let variables = [(variable, "https://new.example".to_owned())];
        let config = Config::parse(&text, "multi-auth.toml", variables).unwrap();
        let origin = config.vendors()[0].protection_spaces()[0]
            .origin()
            .as_str()
            .to_owned();
        assert_eq!(origin, "https://new.example/", "{name}");
    }
}

#[test]
fn the_environment_changes_the_url_of_a_key_only_if_the_file_allows_it() {
    let entry = "[vendors.v]\nurl = 'https://v.example'\nscheme = 'bearer'\nkey = { env = 'K' }";
    let with = |head: &str, field: &str, value: &str| {
        let variables = [(format!("MULTI_AUTH__V__{field}"), value.to_owned())];
        Config::parse(&format!("{head}\n{entry}"), "multi-auth.toml", variables)
    };
    for head in ["", "dangerous_url_from_environment = false"] {
        for (field, value) in [("URL", "https://evil.example"), ("PRESET", "evil")] {
            let error = with(head, field, value).unwrap_err().to_string();
            let expected = format!("MULTI_AUTH__V__{field}: sets the URL or the preset");
            assert!(error.contains(&expected), "{error}");
            assert!(!error.contains("evil"), "{error}");
        }
        // What says nothing of where it goes is free.
        assert!(with(head, "ACCOUNT", "north").is_ok());
    }
    let allowed = "dangerous_url_from_environment = true";
    assert!(with(allowed, "URL", "https://new.example").is_ok());
    let unknown = with(allowed, "PRESET", "acme").unwrap_err().to_string();
    assert!(
        unknown.contains("is not a vendor of the catalogue"),
        "{unknown}"
    );
    assert!(
        with(
            "dangerous_url_from_environment = 'true'",
            "URL",
            "https://new.example"
        )
        .is_err()
    );
}

#[test]
fn a_variable_that_could_mean_two_vendors_is_refused() {
    let text = "dangerous_url_from_environment = true\n[vendors.a-b]\n[vendors.a_b]";
    let variables = [(
        "MULTI_AUTH__A_B__URL".to_owned(),
        "https://a.example".to_owned(),
    )];
    let error = Config::parse(text, "multi-auth.toml", variables).unwrap_err();
    assert!(error.to_string().contains("several vendors"), "{error}");
}

#[test]
fn the_schema_describes_every_field() {
    let schema: serde_json::Value = serde_json::from_str(&multi_auth_config::schema()).unwrap();
    let entry = &schema["$defs"]["VendorTable"]["properties"];
    for field in [
        "preset",
        "scheme",
        "url",
        "key",
        "expires_at",
        "token_endpoint",
        "account",
    ] {
        assert!(entry[field]["description"].is_string(), "{field}: {entry}");
    }
    let vault = &schema["$defs"]["VaultTable"]["properties"];
    for field in ["url", "token", "namespace", "mount"] {
        assert!(vault[field]["description"].is_string(), "{field}: {vault}");
    }
    let sources = schema["$defs"]["Secret"].to_string();
    for source in ["env", "file", "command", "os_keyring", "vault"] {
        assert!(sources.contains(&format!("\"{source}\"")), "{sources}");
    }
    assert_eq!(
        schema["$defs"]["VendorTable"]["additionalProperties"],
        json!(false)
    );
}

#[test]
fn the_samples_of_the_documentation_are_right() {
    let crate_page = include_str!("../../crates/multi-auth-config/src/lib.rs").replace("//!", "");
    let pages = [
        include_str!("../../docs/configuration.md"),
        include_str!("../../docs/signing.md"),
        &crate_page,
    ];
    for page in pages {
        let samples = page.split("```toml\n").skip(1);
        let samples: Vec<_> = samples
            .filter_map(|text| text.split("```").next())
            .collect();
        assert!(!samples.is_empty());
        for sample in samples {
            parse(sample).unwrap();
        }
    }
}
