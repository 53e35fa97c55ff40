//! `init --openapi`: an entry from an OpenAPI 3 document.

mod documents;
mod hostile;

use serde_json::{Value, json};

use crate::program::{Home, Run};

/// A document with these schemes and this requirement.
fn document(schemes: &Value, security: &Value) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Pet Store API" },
        "servers": [{ "url": "https://api.pets.example/v1" }],
        "components": { "securitySchemes": schemes },
        "security": security,
        "paths": {},
    })
}

/// What `init` writes for `document`, with these answers.
async fn written(document: &str, file: &str, answers: &str) -> (Run, String) {
    let home = Home::empty();
    std::fs::write(home.path(file), document).unwrap();
    let run = home.answering(&["init", "--openapi", file], answers).await;
    let written = std::fs::read_to_string(home.path("multi-auth.toml")).unwrap_or_default();
    (run, written)
}

/// The lines of the entry without comments.
fn lines(written: &str) -> Vec<&str> {
    let lines = written
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.take_while(|line| *line != "[store]").collect()
}

#[tokio::test]
async fn each_security_scheme_becomes_the_scheme_of_an_entry() {
    let oauth = |flows: Value| json!({ "type": "oauth2", "flows": flows });
    for (scheme, expected) in [
        (
            json!({ "type": "apiKey", "in": "header", "name": "X-Key" }),
            &["scheme = \"header\"", "name = \"X-Key\""][..],
        ),
        (
            json!({ "type": "apiKey", "in": "header", "name": "Authorization" }),
            &["scheme = \"authorization\""],
        ),
        (
            json!({ "type": "apiKey", "in": "query", "name": "api_key" }),
            &["scheme = \"query\"", "name = \"api_key\""],
        ),
        (
            json!({ "type": "apiKey", "in": "cookie", "name": "SID" }),
            &["scheme = \"cookie\"", "name = \"SID\""],
        ),
        (
            json!({ "type": "http", "scheme": "Basic" }),
            &["scheme = \"basic\""],
        ),
        (
            json!({ "type": "http", "scheme": "bearer" }),
            &["scheme = \"bearer\""],
        ),
        (
            json!({ "type": "http", "scheme": "Token" }),
            &["scheme = \"authorization\"", "prefix = \"Token \""],
        ),
        (
            oauth(json!({ "clientCredentials": { "tokenUrl": "/oauth/token" } })),
            &[
                "scheme = \"client_credentials\"",
                "token_url = \"https://api.pets.example/oauth/token\"",
                "scope = \"read write\"",
                "client_id = \"my-app\"",
            ],
        ),
        (
            oauth(
                json!({ "authorizationCode": { "tokenUrl": "https://l.example/t", "authorizationUrl": "https://l.example/a" } }),
            ),
            &[
                "scheme = \"refresh_token\"",
                "token_url = \"https://l.example/t\"",
                "authorization_url = \"https://l.example/a\"",
                "scope = \"read write\"",
                "client_id = \"my-app\"",
            ],
        ),
        (
            oauth(
                json!({ "deviceAuthorization": { "tokenUrl": "https://l.example/t", "deviceAuthorizationUrl": "https://l.example/d" } }),
            ),
            &[
                "scheme = \"refresh_token\"",
                "token_url = \"https://l.example/t\"",
                "device_authorization_url = \"https://l.example/d\"",
                "scope = \"read write\"",
                "client_id = \"my-app\"",
            ],
        ),
        (
            json!({ "type": "openIdConnect", "openIdConnectUrl": "https://l.example/x/.well-known/openid-configuration" }),
            &[
                "scheme = \"refresh_token\"",
                "issuer = \"https://l.example/x\"",
                "scope = \"read write\"",
                "client_id = \"my-app\"",
            ],
        ),
    ] {
        let document = document(
            &json!({ "s": scheme }),
            &json!([{ "s": ["read", "write"] }]),
        )
        .to_string();
        let has_client = expected.iter().any(|line| line.starts_with("client_id"));
        let client = if has_client { "my-app\n" } else { "" };
        let answers = format!("\n\n{client}env KEY\n\nn\n");
        let (run, written) = written(&document, "pets.json", &answers).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        let head = ["[vendors.pet-store]"]
            .into_iter()
            .chain(expected.iter().copied());
        let rest = [
            "url = \"https://api.pets.example/v1\"",
            "key = { env = \"KEY\" }",
        ];
        let expected: Vec<_> = head.chain(rest).collect();
        assert_eq!(lines(&written), expected, "{written}");
    }
}

/// The secret goes to the server that the user chooses.
#[tokio::test]
async fn a_relative_token_url_starts_at_the_chosen_server() {
    let flows = json!({ "clientCredentials": { "tokenUrl": "/oauth/token" } });
    let schemes = json!({ "s": { "type": "oauth2", "flows": flows } });
    let mut document = document(&schemes, &json!([{ "s": [] }, { "missing": [] }]));
    let variables = json!({ "region": { "default": "eu", "enum": ["eu", "us"] } });
    document["servers"] = json!([
        { "url": "https://{region}.pets.example/v1", "variables": variables },
        { "url": "https://sandbox.pets.example" },
    ]);
    for (answers, host) in [
        ("\n1\nus\n\nmy-app\nenv K\n\nn\n", "us"),
        ("\n2\n\nmy-app\nenv K\n\nn\n", "sandbox"),
    ] {
        let (run, written) = written(&document.to_string(), "a.json", answers).await;
        assert_eq!(run.code, Some(0), "{run:?}");
        let token_url = format!("token_url = \"https://{host}.pets.example/oauth/token\"");
        assert!(written.contains(&token_url), "{written}");
        let left_out = "it needs a security scheme that it does not describe";
        assert!(run.errors.contains(left_out), "{run:?}");
    }
}

/// An OR of ANDs, servers with variables, `$ref`, in YAML.
#[tokio::test]
async fn a_user_chooses_among_alternatives_servers_and_values() {
    let document = "openapi: 3.0.3\ninfo:\n  title: 'Mon\u{1b}[31mitor'\nservers:\n\
        - url: /relative\n- url: http://plain.example\n- url: https://api.{site}/{version}\n  variables:\n    site:\n      default: m.example\n      enum: [m.example, m.example.org]\n    version: {default: v1}\n- url: https://other.example\n\
        components:\n  securitySchemes:\n    key: {type: apiKey, in: header, name: M-Key}\n    app: {$ref: '#/components/x-shared/app'}\n    digest: {type: http, scheme: digest}\n    basic: {type: http, scheme: basic}\n  x-shared:\n    app: {type: apiKey, in: header, name: M-App}\n\
        security:\n- digest: []\n- {}\n- basic: []\n- key: []\n  app: []\n";
    let answers = "monitors\n3\n1\nm.example.com\nm.example.org\n\n\n2\nenv KEY\nenv APP\n\nn\n";
    let (run, written) = written(document, "monitor.yaml", answers).await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        lines(&written),
        [
            "[vendors.monitors]",
            "scheme = \"header\"",
            "name = \"M-App\"",
            "also.scheme = \"header\"",
            "also.name = \"M-Key\"",
            "url = \"https://api.m.example.org/v1\"",
            "key = { env = \"KEY\" }",
            "also.key = { env = \"APP\" }",
        ],
        "{written}"
    );
    assert!(run.errors.contains("Write a number from 1 to 2"), "{run:?}");
    assert!(run.errors.contains("Choose one of them"), "{run:?}");
    assert!(
        !run.shown().contains('\u{1b}') && !written.contains('\u{1b}'),
        "{run:?}"
    );
}

#[tokio::test]
async fn the_requirement_of_most_operations_counts_if_the_document_has_none() {
    let mut document = document(
        &json!({
            "o": { "type": "oauth2", "flows": { "clientCredentials": { "tokenUrl": "https://l.example/t" } } },
            "k": { "type": "apiKey", "in": "query", "name": "k" },
        }),
        &json!([]),
    );
    document["paths"] = json!({
        "/a": { "get": { "security": [{ "o": ["read"] }] }, "post": { "security": [{ "o": ["write"] }] } },
        "/b": { "get": { "security": [{ "k": [] }] } },
    });
    let (run, written) = written(&document.to_string(), "a.json", "\n\nmy-app\nenv K\n\nn\n").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(written.contains("scope = \"read write\""), "{written}");
}

#[tokio::test]
async fn a_document_without_a_usable_credential_is_an_error_with_a_remedy() {
    let with = |scheme: Value| document(&json!({ "s": scheme }), &json!([{ "s": [] }])).to_string();
    let key = json!({ "type": "apiKey", "in": "header", "name": "k" });
    let two = json!({ "a": { "type": "http", "scheme": "basic" }, "b": { "type": "http", "scheme": "bearer" } });
    for (text, expected) in [
        ("{".to_owned(), "is not valid JSON (line 1)"),
        ("a: [".to_owned(), "is not valid YAML"),
        ("{}".to_owned(), "is not an OpenAPI document"),
        (
            json!({ "swagger": "2.0" }).to_string(),
            "is a document of Swagger 2.0",
        ),
        (
            document(&json!({}), &json!([])).to_string(),
            "says of no request that it needs a credential",
        ),
        (
            document(&json!({ "s": key }), &json!([{}])).to_string(),
            "says that requests need no credential",
        ),
        (
            with(json!({ "type": "mutualTLS" })),
            "needs a client certificate",
        ),
        (
            with(json!({ "type": "http", "scheme": "digest" })),
            "is not a constant key",
        ),
        (
            with(json!({ "type": "http", "scheme": "acme-hmac-sha256" })),
            "signs each request",
        ),
        (
            with(json!({ "type": "http", "scheme": "a\nb" })),
            "is not a name",
        ),
        (
            with(json!({ "type": "apiKey", "in": "body", "name": "k" })),
            "in an unknown place",
        ),
        (
            with(json!({ "type": "apiKey", "in": "header" })),
            "without a name",
        ),
        (
            with(
                json!({ "type": "oauth2", "flows": { "implicit": { "authorizationUrl": "https://a.example" } } }),
            ),
            "has no OAuth flow",
        ),
        (
            with(
                json!({ "type": "oauth2", "flows": { "clientCredentials": { "tokenUrl": "http://a.example" } } }),
            ),
            "has no OAuth flow",
        ),
        (
            with(json!({ "type": "openIdConnect", "openIdConnectUrl": "https://a.example/other" })),
            "without an issuer",
        ),
        (with(json!({ "type": "x" })), "of an unknown type"),
        (
            document(&two, &json!([{ "a": [], "b": [] }])).to_string(),
            "needs two credentials in `Authorization`",
        ),
    ] {
        let (run, written) = written(&text, "a.json", "").await;
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(
            run.errors.contains(expected) && run.errors.contains("help: "),
            "{expected}: {run:?}"
        );
        assert!(written.is_empty());
    }
    let (run, _) = written("", "other.json", "").await;
    assert!(run.errors.contains("is empty"), "{run:?}");
    let home = Home::empty();
    let run = home.run(&["init", "--openapi", "none.json"]).await;
    assert!(run.errors.contains("none.json cannot be read"), "{run:?}");
}
