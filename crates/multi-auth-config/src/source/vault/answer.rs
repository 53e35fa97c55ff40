//! Reads Vault's answer: status first, then its form, then the field.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use multi_auth::{MAX_ANSWER_BYTES, SecretString};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::wiped::Wiped;
use super::{Location, VaultProblem};
use crate::SourceProblem;
use crate::source::secret;

/// The field at `location` in `answer`.
pub(super) fn read(
    answer: Response<Vec<u8>>,
    location: &Location,
) -> Result<SecretString, SourceProblem> {
    let (head, body) = answer.into_parts();
    let body = Zeroizing::new(body);
    if head.status.is_success() {
        let mut answer = parse(&head.headers, &body)?;
        return secret(field(&mut answer, &location.field)?.into_bytes().into());
    }
    Err(SourceProblem::Vault(match head.status {
        status if status.is_redirection() => VaultProblem::Redirect(status),
        StatusCode::FORBIDDEN => VaultProblem::Forbidden {
            path: location.policy_path(),
        },
        StatusCode::NOT_FOUND => missing(&*parse(&head.headers, &body)?),
        StatusCode::TOO_MANY_REQUESTS => VaultProblem::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => VaultProblem::Sealed,
        status => VaultProblem::Status(status),
    }))
}

/// Takes the field `name` out of `answer`.
fn field(answer: &mut Value, name: &str) -> Result<String, VaultProblem> {
    // KV version 1 has the fields themselves at `/data`.
    if !answer
        .pointer("/data/metadata")
        .is_some_and(Value::is_object)
    {
        return Err(VaultProblem::NotVersion2);
    }
    match answer.pointer_mut("/data/data") {
        Some(Value::Object(fields)) => match fields.get_mut(name) {
            Some(Value::String(text)) => Ok(std::mem::take(text)),
            None | Some(Value::Null) => Err(VaultProblem::NoField),
            Some(_) => Err(VaultProblem::NotText),
        },
        Some(Value::Null) => Err(VaultProblem::Deleted),
        None | Some(_) => Err(VaultProblem::NotVersion2),
    }
}

/// What a 404 means: a deleted version has its metadata with it.
fn missing(answer: &Value) -> VaultProblem {
    match answer.pointer("/data/metadata") {
        Some(Value::Object(_)) => VaultProblem::Deleted,
        None | Some(_) => VaultProblem::NotFound,
    }
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Wiped, VaultProblem> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(VaultProblem::TooLarge);
    }
    if body.trim_ascii_start().starts_with(b"<") || is_html(headers) {
        return Err(VaultProblem::Html);
    }
    // What the parser says quotes the answer.
    let answer = serde_json::from_slice::<Value>(body);
    answer.map(Wiped::from).map_err(|_| VaultProblem::NotJson)
}

fn is_html(headers: &HeaderMap) -> bool {
    let html = b"text/html";
    let media_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let start = media_type.and_then(|media_type| media_type.get(..html.len()));
    start.is_some_and(|start| start.eq_ignore_ascii_case(html))
}
