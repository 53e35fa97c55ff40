//! Reads a token endpoint's answer: status first, then its form, then the token.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::LOCATION;
use http::response::Parts;
use url::Url;

use super::fields::{Field, Fields};
use super::{expiry, http_date};
use crate::error::oauth;
use crate::token::SHORTEST_LIFE;
use crate::{RedirectTarget, SecretProblem, Token, TokenRequestProblem as Problem};

/// Where in an answer things stand, as JSON pointers.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) token: String,
    pub(super) expires_in: Option<String>,
    pub(super) expires_at: Option<String>,
    /// A flag that must not be `false`.
    pub(super) accepted: Option<String>,
    pub(super) default_lifetime: Option<Duration>,
    /// Whether a zero says that the lifetime is unknown.
    pub(super) zero_is_unknown: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            token: "/access_token".to_owned(),
            expires_in: Some("/expires_in".to_owned()),
            expires_at: None,
            accepted: None,
            default_lifetime: None,
            zero_is_unknown: false,
        }
    }
}

impl Shape {
    pub(super) fn read(&self, endpoint: &Url, head: &Parts, body: &[u8]) -> Result<Token, Problem> {
        check_status(endpoint, head, body)?;
        let answer = Fields::new(&head.headers, body)?;
        self.check_acceptance(&answer)?;
        check_type(&answer)?;
        let token = self.token(&answer)?;
        self.with_life(token, head, &answer)
    }

    /// Some vendors refuse with status 200 (RFC 6749, 5.2, wants 400).
    fn check_acceptance(&self, answer: &Fields<'_>) -> Result<(), Problem> {
        if let Some(pointer) = &self.accepted
            && let Some(Field::Bool(false)) = answer.at(pointer)?
        {
            return Err(Problem::Refused);
        }
        denial(answer)?.map_or(Ok(()), Err)
    }

    fn token(&self, answer: &Fields<'_>) -> Result<Token, Problem> {
        let member = || self.token.clone();
        match answer.at(&self.token)? {
            None | Some(Field::Null) => Err(Problem::Missing { member: member() }),
            Some(Field::Text(token)) if token.is_empty() => {
                Err(Problem::Missing { member: member() })
            }
            Some(Field::Text(token)) => Ok(Token::new(token.as_str())),
            Some(Field::LongText) => Err(Problem::Token(SecretProblem::TooLong)),
            Some(Field::Bool(_) | Field::Number(_) | Field::Other) => Err(Problem::Malformed {
                member: member(),
                expected: "text",
            }),
        }
    }

    fn with_life(&self, token: Token, head: &Parts, answer: &Fields<'_>) -> Result<Token, Problem> {
        if let Some((pointer, value)) = self.present(answer, self.expires_at.as_ref())? {
            let moment = expiry::moment(&value).ok_or_else(|| malformed(pointer, MOMENT))?;
            return with_end(token, moment, http_date::at_vendor(&head.headers));
        }
        if let Some((pointer, value)) = self.present(answer, self.expires_in.as_ref())? {
            let life = expiry::seconds(&value).ok_or_else(|| malformed(pointer, SECONDS))?;
            return with_life(token, life);
        }
        Ok(match self.default_lifetime {
            Some(life) => token.with_lifetime(life),
            None => token,
        })
    }

    /// What stands at `pointer`, where `null` is nothing, and so are a moment that is not set and, by
    /// choice, zero.
    fn present<'p>(
        &self,
        answer: &Fields<'_>,
        pointer: Option<&'p String>,
    ) -> Result<Option<(&'p String, Field)>, Problem> {
        let Some(pointer) = pointer else {
            return Ok(None);
        };
        let value = answer.at(pointer)?.filter(|value| match value {
            Field::Null => false,
            Field::Text(text) if text.starts_with(NOT_SET) => false,
            value => !self.zero_is_unknown || expiry::seconds(value) != Some(Duration::ZERO),
        });
        Ok(value.map(|value| (pointer, value)))
    }
}

const MOMENT: &str = "a moment (RFC 3339 text, or seconds or milliseconds since 1970)";
const SECONDS: &str = "a number of seconds";

fn malformed(member: &str, expected: &'static str) -> Problem {
    Problem::Malformed {
        member: member.to_owned(),
        expected,
    }
}

/// What Go and .NET write for a moment that is not set.
const NOT_SET: &str = "0001-01-01T00:00:00";

fn with_life(token: Token, life: Duration) -> Result<Token, Problem> {
    if life < SHORTEST_LIFE {
        return Err(Problem::ExpiredOnArrival);
    }
    Ok(token.with_lifetime(life))
}

/// `token`, which lives until `end`. Where the answer says what time it was at the vendor, its life is
/// measured by the vendor's clock, and this machine's may be off.
fn with_end(token: Token, end: SystemTime, date: Option<SystemTime>) -> Result<Token, Problem> {
    match date {
        Some(date) => with_life(token, end.duration_since(date).unwrap_or_default()),
        None => Ok(token.with_expiry(end)),
    }
}

fn check_status(endpoint: &Url, head: &Parts, body: &[u8]) -> Result<(), Problem> {
    let denial = || {
        let answer = Fields::new(&head.headers, body).ok();
        answer.and_then(|answer| denial(&answer).ok()?)
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

/// Only `Bearer` tokens can be sent without more (RFC 6749, 7.1); none named means that.
fn check_type(answer: &Fields<'_>) -> Result<(), Problem> {
    match answer.at("/token_type")? {
        None | Some(Field::Null) => Ok(()),
        Some(Field::Text(name)) if name.is_empty() || name.eq_ignore_ascii_case("bearer") => Ok(()),
        Some(_) => Err(Problem::TokenType),
    }
}

/// What a registered OAuth error code in the answer says.
fn denial(answer: &Fields<'_>) -> Result<Option<Problem>, Problem> {
    let Some(Field::Text(code)) = answer.at("/error")? else {
        return Ok(None);
    };
    let known = oauth::registered(&code);
    Ok(known.map(|(code, kind)| Problem::Denied { code, kind }))
}
