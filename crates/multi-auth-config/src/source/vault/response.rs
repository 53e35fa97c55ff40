//! Reads Vault's response: the status, then the JSON, then the field.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use multi_auth::SecretString;
use multi_auth::adapter::MAX_RESPONSE_BYTES;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde_json::error::Category;

use super::field::{KvField, KvResponse};
use super::{SecretPath, VaultProblem};
use crate::SourceProblem;
use crate::source::secret;

/// Reads the field at `location` from `answer`.
pub(super) fn read(
    answer: Response<Vec<u8>>,
    location: &SecretPath,
) -> Result<SecretString, SourceProblem> {
    let (head, body) = answer.into_parts();
    let body = Zeroizing::new(body);
    if head.status.is_success() {
        let found = field(parse(&head.headers, &body)?, &location.field)?;
        return secret(found.expose_secret().as_bytes().to_vec().into());
    }
    Err(SourceProblem::Vault(match head.status {
        status if status.is_redirection() => VaultProblem::Redirect(status),
        StatusCode::FORBIDDEN => VaultProblem::Forbidden {
            path: location.policy_path(),
        },
        StatusCode::NOT_FOUND => missing(&parse(&head.headers, &body)?),
        StatusCode::TOO_MANY_REQUESTS => VaultProblem::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE => VaultProblem::Sealed,
        status => VaultProblem::Status(status),
    }))
}

/// The field `name` of `answer`.
fn field(answer: KvResponse, name: &str) -> Result<SecretString, VaultProblem> {
    // KV version 1 has the fields themselves in place of a version.
    let version = answer.data.filter(|version| version.metadata.is_some());
    let version = version.ok_or(VaultProblem::NotVersion2)?;
    let mut fields = version.data.ok_or(VaultProblem::Deleted)?;
    match fields.remove(name) {
        Some(KvField::Text(text)) => Ok(text),
        None | Some(KvField::Null) => Err(VaultProblem::NoField),
        Some(KvField::Other) => Err(VaultProblem::NotText),
    }
}

/// What a 404 means: a deleted version has metadata, a missing secret has none.
fn missing(answer: &KvResponse) -> VaultProblem {
    let version = answer.data.as_ref();
    match version.and_then(|version| version.metadata.as_ref()) {
        Some(_) => VaultProblem::Deleted,
        None => VaultProblem::NotFound,
    }
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Result<KvResponse, VaultProblem> {
    if body.len() > MAX_RESPONSE_BYTES {
        return Err(VaultProblem::TooLarge);
    }
    if body.trim_ascii_start().starts_with(b"<") || is_html(headers) {
        return Err(VaultProblem::Html);
    }
    // The parser's message quotes the response.
    serde_json::from_slice(body).map_err(|error| match error.classify() {
        Category::Data => VaultProblem::NotVersion2,
        Category::Io | Category::Syntax | Category::Eof => VaultProblem::NotJson,
    })
}

fn is_html(headers: &HeaderMap) -> bool {
    let html = b"text/html";
    let media_type = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let start = media_type.and_then(|media_type| media_type.get(..html.len()));
    start.is_some_and(|start| start.eq_ignore_ascii_case(html))
}
