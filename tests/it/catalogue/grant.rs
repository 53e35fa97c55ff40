//! What a token endpoint of OAuth 2.0 must be sent.

use std::collections::BTreeMap;

use multi_auth_testing::RecordedRequest;
use serde_json::Value;

use super::endpoint::basic;
use super::oracle::{expect, expect_header, pairs};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

pub(crate) fn check(request: &RecordedRequest, entry: &Value, key: &str) -> Result<(), String> {
    let mut sent = parameters(request, entry)?;
    let text = |name: &str| entry[name].as_str();
    let scheme = text("scheme").unwrap();
    let grant = match scheme {
        "refresh_token" => "refresh_token",
        "jwt_bearer" => JWT_BEARER,
        _ => text("grant_type").unwrap_or("client_credentials"),
    };
    take(&mut sent, "grant_type", grant)?;
    match scheme {
        "refresh_token" => take(&mut sent, "refresh_token", "refresh-1")?,
        "jwt_bearer" => take_jwt(&mut sent, "assertion")?,
        _ => {}
    }
    let id = text("client_id");
    match (text("client_auth"), id) {
        (Some("client_secret_post"), Some(id)) => {
            take(&mut sent, "client_id", id)?;
            take(&mut sent, "client_secret", key)?;
        }
        (Some("private_key_jwt"), id) => {
            take(&mut sent, "client_assertion_type", ASSERTION)?;
            take_jwt(&mut sent, "client_assertion")?;
            if let (Some(own), Some(id)) = (sent.remove("client_id"), id) {
                expect("client_id", &[own], &[id])?;
            }
        }
        (Some("none"), Some(id)) => take(&mut sent, "client_id", id)?,
        (None, Some(id)) if scheme == "jwt_bearer" => take(&mut sent, "client_id", id)?,
        (None, Some(id)) if key.is_empty() => take(&mut sent, "client_id", id)?,
        (Some("client_secret_basic") | None, Some(id)) => {
            expect_header(request, "authorization", &basic(id, key))?;
        }
        (Some("client_secret_basic_unencoded"), Some(_)) | (None, None) => {}
        other => return Err(format!("an unknown client: {other:?}")),
    }
    if scheme != "refresh_token"
        && let Some(scope) = text("scope")
    {
        take(&mut sent, "scope", scope)?;
    }
    if let Some(audience) = text("audience") {
        take(&mut sent, "audience", audience)?;
    }
    if let Some(resource) = entry["resource"][0].as_str() {
        take(&mut sent, "resource", resource)?;
    }
    for (name, value) in entry["parameters"].as_object().into_iter().flatten() {
        take(&mut sent, name, value.as_str().unwrap())?;
    }
    sent.is_empty()
        .then_some(())
        .ok_or_else(|| format!("besides: {sent:?}"))
}

fn parameters(
    request: &RecordedRequest,
    entry: &Value,
) -> Result<BTreeMap<String, String>, String> {
    expect("the method", &[request.method.as_str()], &["POST"])?;
    Ok(match entry["parameters_in"].as_str().unwrap_or("form") {
        "json" => {
            expect_header(request, "content-type", "application/json")?;
            serde_json::from_slice(&request.body).map_err(|error| error.to_string())?
        }
        "query" => pairs(request.query.as_deref().unwrap_or_default().as_bytes()),
        _ => {
            expect_header(request, "content-type", "application/x-www-form-urlencoded")?;
            pairs(&request.body)
        }
    })
}

fn take(sent: &mut BTreeMap<String, String>, name: &str, value: &str) -> Result<(), String> {
    expect(name, &[sent.remove(name).as_deref()], &[Some(value)])
}

fn take_jwt(sent: &mut BTreeMap<String, String>, name: &str) -> Result<(), String> {
    let jwt = sent.remove(name).unwrap_or_default();
    let is_jwt = jwt.starts_with("eyJ") && jwt.matches('.').count() == 2;
    is_jwt
        .then_some(())
        .ok_or_else(|| format!("{name} is no JWT: {jwt}"))
}
