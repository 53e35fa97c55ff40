//! What a token endpoint that is not OAuth must be sent.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth_testing::RecordedRequest;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::oracle::{check_static, expect, expect_header, pairs};
use super::sample::set;

pub(crate) fn check(
    request: &RecordedRequest,
    endpoint: &Value,
    key: &str,
    secrets: &BTreeMap<String, String>,
) -> Result<(), String> {
    let fill = |text: &str| {
        let replace = |text: String, (name, secret): (&String, &String)| {
            text.replace(&format!("{{{name}}}"), secret)
        };
        secrets.iter().fold(text.to_owned(), replace)
    };
    let method = endpoint["method"].as_str().unwrap_or("POST");
    expect("the method", &[request.method.as_str()], &[method])?;
    for (name, value) in endpoint["headers"].as_object().into_iter().flatten() {
        expect_header(request, name, value.as_str().unwrap())?;
    }
    let query = pairs(request.query.as_deref().unwrap_or_default().as_bytes());
    for (name, value) in endpoint["query"].as_object().into_iter().flatten() {
        expect(
            name,
            &[query.get(name)],
            &[Some(&fill(value.as_str().unwrap()))],
        )?;
    }
    let credential = &endpoint["credential"];
    if credential.is_object() {
        check_static(request, credential, key)?;
    }
    if let Some(id) = endpoint["client_secret_basic"]["client_id"].as_str() {
        expect_header(request, "authorization", &basic(id, key))?;
    }
    if method == "GET" {
        return expect("the body", &[request.body.len()], &[0]);
    }
    let mut body = filled(&endpoint["fields"], &fill);
    if let Some(field) = endpoint["key_field"].as_str() {
        let pointer = if field.starts_with('/') {
            field.to_owned()
        } else {
            format!("/{field}")
        };
        set(&mut body, &pointer, key.into());
    }
    if let Some(id) = endpoint["client_secret_post"]["client_id"].as_str() {
        body["client_id"] = id.into();
        body["client_secret"] = key.into();
    }
    match endpoint["format"].as_str().unwrap_or("json") {
        "json" => {
            expect_header(request, "content-type", "application/json")?;
            let sent: Value =
                serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
            expect("the body", &[sent], &[body])
        }
        "form" => {
            expect_header(request, "content-type", "application/x-www-form-urlencoded")?;
            let text = |value: &Value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            };
            let fields = body.as_object().unwrap().iter();
            let fields: BTreeMap<_, _> = fields
                .map(|(name, value)| (name.clone(), text(value)))
                .collect();
            expect("the body", &[pairs(&request.body)], &[fields])
        }
        "xml" => {
            let escape = |text: &str| {
                text.replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('>', "&gt;")
            };
            let mut text = endpoint["body"]
                .as_str()
                .unwrap()
                .replace("{key}", &escape(key));
            for (name, secret) in secrets {
                text = text.replace(&format!("{{{name}}}"), &escape(secret));
            }
            expect("the body", &[request.text()], &[text])
        }
        _ => expect("the body", &[request.body.len()], &[0]),
    }
}

/// Basic as RFC 6749, 2.3.1, wants it.
pub(crate) fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", encode(id), encode(secret)))
    )
}

fn filled(value: &Value, fill: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::Null => json!({}),
        Value::String(text) => fill(text).into(),
        Value::Array(list) => list.iter().map(|value| filled(value, fill)).collect(),
        Value::Object(table) => {
            let pairs = table
                .iter()
                .map(|(name, value)| (name.clone(), filled(value, fill)));
            pairs.collect()
        }
        other => other.clone(),
    }
}
