//! A request as text, for snapshots.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use multi_auth_testing::RecordedRequest;
use serde_json::Value;

/// The header fields of every request that are not credentials.
pub(super) const USUAL: [&str; 5] = [
    "host",
    "accept",
    "user-agent",
    "content-length",
    "accept-encoding",
];

/// The request as text: what the vendor's data decide. What `hmac` signs is shown as its template.
pub(super) fn shown(request: &RecordedRequest, url: &str, hmac: &Value) -> String {
    let mut query = request.query.as_ref().map(|query| format!("?{query}"));
    if let Some(templates) = hmac["query"].as_object() {
        query = Some(format!("?{}", Value::from(templates.clone())));
    }
    let mut text = format!("  {} {url}{}\n", request.method, query.unwrap_or_default());
    let mut headers: Vec<_> = request.headers.iter().collect();
    headers.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in headers {
        let templates = hmac["headers"].as_object().into_iter().flatten();
        let template = templates
            .filter(|(own, _)| name == own.as_str())
            .find_map(|(_, text)| text.as_str());
        let value = template.unwrap_or_else(|| value.to_str().unwrap());
        if !USUAL.contains(&name.as_str()) || name == "accept" && value != "*/*" {
            let _ = writeln!(text, "    {name}: {}", masked(value));
        }
    }
    if !request.body.is_empty() {
        let _ = writeln!(text, "    {}", masked(&request.text()));
    }
    text.trim_end().to_owned()
}

/// `text` without what differs from run to run: a JWT is shown as its header and claims' names.
fn masked(text: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let words = text.split_inclusive(|letter| !is_part(letter));
    let shown = words.map(|word| {
        let jwt = word.trim_end_matches(|letter| !is_part(letter));
        let rest = &word[jwt.len()..];
        match jwt.split('.').collect::<Vec<_>>()[..] {
            [header, claims, _] if jwt.starts_with("eyJ") => {
                let of = |part: &str| {
                    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
                };
                let (mut header, mut claims): (Value, Value) = (of(header), of(claims));
                for name in ["iat", "exp", "nbf", "jti"] {
                    if !claims[name].is_null() {
                        claims[name] = "...".into();
                    }
                }
                for claims in [&mut header, &mut claims] {
                    for (_, value) in claims.as_object_mut().unwrap() {
                        if value.as_str().is_some_and(|text| text.contains("SHA256:")) {
                            *value = "SHA256:...".into();
                        }
                    }
                }
                format!("<JWT {header} {claims}>{rest}")
            }
            _ => word.to_owned(),
        }
    });
    shown.collect()
}
