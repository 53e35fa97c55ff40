//! Reads a token endpoint's answer: status first, then its form, then the token.

use std::time::Duration;

use http::header::{CONTENT_TYPE, LOCATION};
use http::response::Parts;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::expiry;
use super::wiped::Wiped;
use crate::error::oauth;
use crate::{ExchangeProblem as Problem, MAX_ANSWER_BYTES, RedirectTarget, Token, TransportError};

/// Where in an answer things stand, as JSON pointers.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) token: String,
    pub(super) expires_in: Option<String>,
    pub(super) expires_at: Option<String>,
    /// A flag that must not be `false`.
    pub(super) accepted: Option<String>,
    pub(super) default_lifetime: Option<Duration>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            token: "/access_token".to_owned(),
            expires_in: Some("/expires_in".to_owned()),
            expires_at: None,
            accepted: None,
            default_lifetime: None,
        }
    }
}

impl Shape {
    pub(super) fn read(&self, endpoint: &Url, head: &Parts, body: &[u8]) -> Result<Token, Problem> {
        check_status(endpoint, head, body)?;
        let answer = &*parse(&head.headers, body)?;
        self.check_acceptance(answer)?;
        check_type(answer)?;
        let token = Token::new(self.token(answer)?);
        self.with_life(token, answer)
    }

    /// Some vendors refuse with status 200 (RFC 6749, 5.2, wants 400).
    fn check_acceptance(&self, answer: &Value) -> Result<(), Problem> {
        let flag = self
            .accepted
            .as_ref()
            .and_then(|pointer| answer.pointer(pointer));
        if flag == Some(&Value::Bool(false)) {
            return Err(Problem::Refused);
        }
        denial(answer).map_or(Ok(()), Err)
    }

    fn token<'a>(&self, answer: &'a Value) -> Result<&'a str, Problem> {
        let member = || self.token.clone();
        match answer.pointer(&self.token) {
            None | Some(Value::Null) => Err(Problem::Missing { member: member() }),
            Some(Value::String(token)) if token.is_empty() => {
                Err(Problem::Missing { member: member() })
            }
            Some(Value::String(token)) => Ok(token),
            Some(_) => Err(Problem::Malformed {
                member: member(),
                expected: "text",
            }),
        }
    }

    fn with_life(&self, token: Token, answer: &Value) -> Result<Token, Problem> {
        if let Some((pointer, value)) = present(answer, self.expires_at.as_ref()) {
            let moment = expiry::moment(value).ok_or_else(|| malformed(pointer, MOMENT))?;
            return Ok(token.with_expiry(moment));
        }
        if let Some((pointer, value)) = present(answer, self.expires_in.as_ref()) {
            let life = expiry::seconds(value).ok_or_else(|| malformed(pointer, SECONDS))?;
            return Ok(token.with_lifetime(life));
        }
        Ok(match self.default_lifetime {
            Some(life) => token.with_lifetime(life),
            None => token,
        })
    }
}

const MOMENT: &str = "a moment (RFC 3339 text, or seconds since 1970)";
const SECONDS: &str = "a number of seconds";

fn malformed(member: &str, expected: &'static str) -> Problem {
    Problem::Malformed {
        member: member.to_owned(),
        expected,
    }
}

/// What Go and .NET write for a moment that is not set.
const NOT_SET: &str = "0001-01-01T00:00:00";

/// What stands at `pointer`, where `null` is nothing, and so is a moment that is not set.
fn present<'a>(answer: &'a Value, pointer: Option<&'a String>) -> Option<(&'a String, &'a Value)> {
    let pointer = pointer?;
    answer
        .pointer(pointer)
        .filter(|value| !value.is_null() && !is_unset(value))
        .map(|value| (pointer, value))
}

fn is_unset(value: &Value) -> bool {
    let text = value.as_str();
    text.is_some_and(|text| text.starts_with(NOT_SET))
}

fn check_status(endpoint: &Url, head: &Parts, body: &[u8]) -> Result<(), Problem> {
    let denial = || {
        let answer = parse(&head.headers, body).ok();
        answer.and_then(|answer| denial(&answer))
    };
    Err(match head.status {
        status if status.is_success() => return Ok(()),
        status if status.is_redirection() => redirect(head, endpoint),
        StatusCode::UNAUTHORIZED => match denial() {
            Some(busy) if busy.is_transient() => busy,
            Some(_) | None => Problem::Refused,
        },
        StatusCode::FORBIDDEN => denial().unwrap_or(Problem::Forbidden),
        StatusCode::BAD_REQUEST => denial().unwrap_or(Problem::Status(head.status)),
        status => Problem::Status(status),
    })
}

fn redirect(head: &Parts, endpoint: &Url) -> Problem {
    let location = head.headers.get(LOCATION);
    let location = location.and_then(|value| value.to_str().ok());
    let target = match location.and_then(|location| endpoint.join(location).ok()) {
        None => RedirectTarget::Nowhere,
        Some(target) if target.origin() == endpoint.origin() => RedirectTarget::SameOrigin,
        Some(target) if target.host() == endpoint.host() => RedirectTarget::SameHost,
        Some(_) => RedirectTarget::OtherHost,
    };
    Problem::Redirect {
        status: head.status,
        target,
    }
}

fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Wiped, Problem> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(Problem::Transport(TransportError::too_large()));
    }
    let body = body.trim_ascii();
    if body.is_empty() {
        return Err(Problem::Empty);
    }
    if is(headers, "application/x-www-form-urlencoded") {
        let fields = form_urlencoded::parse(body).into_owned();
        let fields = fields.map(|(name, value)| (name, Value::String(value)));
        return Ok(Wiped::from(fields.collect::<Value>()));
    }
    if body.starts_with(b"<") || is(headers, "text/html") {
        return Err(Problem::Html);
    }
    let answer: Value = serde_json::from_slice(body).map_err(|_| Problem::NotJson)?;
    Ok(Wiped::from(answer))
}

fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let content_type = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |value| value.as_bytes());
    let essence = content_type
        .split(|&byte| byte == b';')
        .next()
        .unwrap_or_default();
    essence
        .trim_ascii()
        .eq_ignore_ascii_case(media_type.as_bytes())
}

/// Only `Bearer` tokens can be sent without more (RFC 6749, 7.1); none named means that.
fn check_type(answer: &Value) -> Result<(), Problem> {
    match answer.get("token_type") {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(name)) if name.is_empty() || name.eq_ignore_ascii_case("bearer") => {
            Ok(())
        }
        Some(_) => Err(Problem::TokenType),
    }
}

/// What a registered OAuth error code in the answer says.
fn denial(answer: &Value) -> Option<Problem> {
    let (code, kind) = oauth::registered(answer.get("error")?.as_str()?)?;
    Some(Problem::Denied { code, kind })
}
