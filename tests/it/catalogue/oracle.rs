//! A server that knows from a vendor's data what it must be sent. It shares no code with the
//! library.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use multi_auth_testing::{RecordedRequest, ScriptedResponse};
use serde_json::{Value, json};
use tower::BoxError;
use url::form_urlencoded;

use super::sample::{Sample, set};
use super::shown::shown;
use super::signature::Signature;
use crate::adapter::Answer;

/// The API and the token endpoint of one vendor.
pub(crate) struct Oracle {
    pub(crate) sample: Sample,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    issued: usize,
    is_revoked: bool,
    /// What was wrong with requests.
    faults: Vec<String>,
    /// The requests, as text.
    wire: Vec<String>,
    api_requests: usize,
}

const TOKEN_SCHEMES: [&str; 4] = [
    "client_credentials",
    "refresh_token",
    "jwt_bearer",
    "token_endpoint",
];

impl Oracle {
    pub(crate) fn new(sample: Sample) -> Self {
        Self {
            sample,
            state: Mutex::default(),
        }
    }

    pub(crate) fn has_token(&self) -> bool {
        TOKEN_SCHEMES.contains(&self.scheme())
    }

    fn scheme(&self) -> &str {
        self.sample.entry["scheme"].as_str().unwrap()
    }

    /// Refuses the newest credential from now on.
    pub(crate) fn revoke(&self) {
        self.state.lock().unwrap().is_revoked = true;
    }

    /// How many tokens were issued, and how many requests came to the API.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let state = self.state.lock().unwrap();
        (state.issued, state.api_requests)
    }

    /// The status of `answer`, unless a request had a fault.
    pub(crate) fn status_of(&self, answer: Result<Answer, BoxError>) -> Result<u16, String> {
        let faults = self.state.lock().unwrap().faults.join("; ");
        match answer {
            Ok(answer) if faults.is_empty() => Ok(answer.status.as_u16()),
            Ok(_) => Err(faults),
            Err(error) => Err(format!("{faults} {error}")),
        }
    }

    pub(crate) fn wire(&self) -> String {
        self.state.lock().unwrap().wire.join("\n")
    }

    pub(crate) fn answer(&self, request: &RecordedRequest) -> ScriptedResponse {
        let authority = request
            .authority
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let url = format!("https://{authority}{}", request.path);
        let mut state = self.state.lock().unwrap();
        state
            .wire
            .push(shown(request, &url, &self.sample.entry["hmac"]));
        let answer = if self.has_token() && same(&url, self.token_url()) {
            state.issued += 1;
            state.is_revoked = false;
            let token = self.token(state.issued);
            self.check_token_request(request)
                .map(|()| self.response(&token))
        } else {
            state.api_requests += 1;
            self.check_api_request(request, &mut state)
        };
        answer.unwrap_or_else(|fault| {
            state
                .faults
                .push(format!("{} {url}: {fault}", request.method));
            ScriptedResponse::new(StatusCode::IM_A_TEAPOT)
        })
    }

    fn token_url(&self) -> &str {
        let entry = &self.sample.entry;
        let url = entry["token_endpoint"]["url"].as_str();
        url.or_else(|| entry["token_url"].as_str()).unwrap()
    }

    /// The token of this number, in the form that the vendor's has.
    fn token(&self, number: usize) -> String {
        let endpoint = &self.sample.entry["token_endpoint"];
        if endpoint["expires_by_jwt"] == true {
            let claims = json!({ "exp": 4_000_000_000_u64, "jti": number });
            return format!("h.{}.s", URL_SAFE_NO_PAD.encode(claims.to_string()));
        }
        format!("token-{number}")
    }

    fn check_api_request(
        &self,
        request: &RecordedRequest,
        state: &mut State,
    ) -> Result<ScriptedResponse, String> {
        let current = self.token(state.issued);
        for (part, key) in self.sample.parts() {
            let scheme = part["scheme"].as_str().unwrap();
            if TOKEN_SCHEMES.contains(&scheme) {
                check_token(request, part, &current)?;
                continue;
            }
            if scheme == "hmac" {
                self.check_signature(request, part, &key)?;
                continue;
            }
            check_static(request, part, &key)?;
        }
        if state.is_revoked {
            return Ok(self.refusal());
        }
        Ok(ScriptedResponse::new(StatusCode::OK).with_json(&json!({ "ok": true })))
    }

    fn check_signature(
        &self,
        request: &RecordedRequest,
        part: &Value,
        key: &str,
    ) -> Result<(), String> {
        let key = match part["key_encoding"].as_str() {
            Some("base64") => STANDARD.decode(key).unwrap(),
            _ => key.into(),
        };
        let (table, secrets) = (&part["hmac"], &self.sample.secrets);
        let signature = Signature {
            request,
            table,
            key,
            secrets,
        };
        signature.check()
    }

    /// The response to a credential that is no longer valid.
    fn refusal(&self) -> ScriptedResponse {
        let entry = &self.sample.entry;
        let condition = &entry["refused_if"][0];
        // Only a token is replaced.
        let pointer = condition["json"].as_str().filter(|_| self.has_token());
        if let Some(pointer) = pointer {
            let mut body = json!({});
            set(&mut body, pointer, condition["equals"][0].clone());
            return ScriptedResponse::new(StatusCode::OK).with_json(&body);
        }
        let status = entry["token"]["refresh_on"][0].as_u64().unwrap_or(401);
        let status = u16::try_from(status).unwrap();
        ScriptedResponse::new(StatusCode::from_u16(status).unwrap())
    }

    fn check_token_request(&self, request: &RecordedRequest) -> Result<(), String> {
        let (entry, parts) = (&self.sample.entry, self.sample.parts());
        let key = &parts[0].1;
        if self.scheme() == "token_endpoint" {
            return super::endpoint::check(
                request,
                &entry["token_endpoint"],
                key,
                &self.sample.secrets,
            );
        }
        super::grant::check(request, entry, key)
    }

    fn response(&self, token: &str) -> ScriptedResponse {
        let endpoint = &self.sample.entry["token_endpoint"];
        let (status, text) = (StatusCode::OK, |name: &str| endpoint[name].as_str());
        if let Some(name) = text("token_header") {
            return ScriptedResponse::new(status)
                .with_header(name, token)
                .unwrap();
        }
        if let Some(name) = text("token_cookie") {
            let cookie = format!("{name}={token}; Path=/; HttpOnly");
            return ScriptedResponse::new(status)
                .with_header("set-cookie", &cookie)
                .unwrap();
        }
        if text("token_at") == Some("") {
            return ScriptedResponse::new(status).with_body(token.to_owned());
        }
        let mut body = json!({});
        set(
            &mut body,
            text("token_at").unwrap_or("/access_token"),
            token.into(),
        );
        for (name, value) in [
            ("expires_in", json!(3600)),
            ("expires_in_milliseconds", json!(3_600_000)),
            ("expires_in_minutes", json!(60)),
            ("expires_at", json!("2099-01-01T00:00:00Z")),
            ("refused_unless", json!(true)),
        ] {
            if let Some(pointer) = text(name) {
                set(&mut body, pointer, value);
            }
        }
        match (self.scheme(), endpoint["token_types"][0].as_str()) {
            ("token_endpoint", Some(kind)) => body["token_type"] = kind.into(),
            ("token_endpoint", None) => {}
            _ => {
                body["token_type"] = "Bearer".into();
                body["expires_in"] = 3600.into();
            }
        }
        if let Some(pointer) = self.sample.entry["base_url"]["json"].as_str() {
            let named = self.sample.named_base_url().unwrap();
            set(&mut body, pointer, named.into());
        }
        ScriptedResponse::new(status).with_json(&body)
    }
}

/// The newest token, where the entry puts tokens.
fn check_token(request: &RecordedRequest, part: &Value, token: &str) -> Result<(), String> {
    if let Some(name) = part["cookie"].as_str() {
        return expect_header(request, "cookie", &format!("{name}={token}"));
    }
    if let Some(name) = part["query_parameter"].as_str() {
        let expected = format!("{name}={token}");
        let query = request.query.as_deref();
        let fault = || format!("the query is not {expected}");
        return (query == Some(&*expected)).then_some(()).ok_or_else(fault);
    }
    let name = part["name"].as_str();
    let usual = if name.is_some() { "" } else { "Bearer " };
    let prefix = part["prefix"].as_str().unwrap_or(usual);
    expect_header(
        request,
        name.unwrap_or("authorization"),
        &format!("{prefix}{token}"),
    )
}

fn same(url: &str, expected: &str) -> bool {
    let expected = url::Url::parse(expected).unwrap();
    let url = url::Url::parse(url).unwrap();
    (url.host_str(), url.path()) == (expected.host_str(), expected.path())
}

/// A key as a static scheme sends it.
pub(crate) fn check_static(
    request: &RecordedRequest,
    part: &Value,
    key: &str,
) -> Result<(), String> {
    let text = |name: &str| part[name].as_str();
    let prefix = text("prefix").unwrap_or_default();
    match text("scheme").unwrap() {
        "bearer" => expect_header(request, "authorization", &format!("Bearer {key}")),
        "authorization" => expect_header(request, "authorization", &format!("{prefix}{key}")),
        "header" => expect_header(request, text("name").unwrap(), &format!("{prefix}{key}")),
        "basic" => {
            let pair = match (text("user"), text("password")) {
                (Some(user), None) => format!("{user}:{key}"),
                (None, Some(password)) => format!("{key}:{password}"),
                _ => key.to_owned(),
            };
            expect_header(
                request,
                "authorization",
                &format!("Basic {}", STANDARD.encode(pair)),
            )
        }
        "query" => {
            let query = request.query.as_deref().unwrap_or_default();
            let name = text("name").unwrap();
            let values = form_urlencoded::parse(query.as_bytes()).filter(|(own, _)| own == name);
            let values: Vec<_> = values.map(|(_, value)| value.into_owned()).collect();
            expect("the query", &values, &[format!("{prefix}{key}")])
        }
        "cookie" => {
            let cookie = format!("{}={prefix}{key}", text("name").unwrap());
            expect_header(request, "cookie", &cookie)
        }
        "jwt" => {
            let sent = request.header("authorization").unwrap_or_default();
            let prefix = text("prefix").unwrap_or("Bearer ");
            let jwt = sent.strip_prefix(prefix).unwrap_or_default();
            let is_jwt = jwt.starts_with("eyJ") && jwt.matches('.').count() == 2;
            is_jwt
                .then_some(())
                .ok_or_else(|| format!("no JWT: {sent}"))
        }
        other => Err(format!("an unknown scheme: {other}")),
    }
}

pub(crate) fn expect_header(
    request: &RecordedRequest,
    name: &str,
    value: &str,
) -> Result<(), String> {
    expect(name, &request.header_values(name), &[value])
}

pub(crate) fn expect<T: PartialEq<U> + std::fmt::Debug, U: std::fmt::Debug>(
    what: &str,
    found: &[T],
    expected: &[U],
) -> Result<(), String> {
    let is_same = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| a == b);
    is_same
        .then_some(())
        .ok_or_else(|| format!("{what}: {found:?}, expected {expected:?}"))
}

/// The fields of a form or a query.
pub(crate) fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(text).into_owned().collect()
}
