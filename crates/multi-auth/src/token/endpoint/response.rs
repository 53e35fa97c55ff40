//! Reads the response of a token endpoint: first the status, then the format, then the token.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use http::header::LOCATION;
use http::response::Parts;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::fields::{Field, Fields};
use super::token_place::TokenPlace;
use super::{expiry, http_date, jwt_expiry};
use crate::error::oauth;
use crate::oauth::Grant;
use crate::token::MIN_LIFETIME;
use crate::{RedirectTarget, SecretProblem, Token, TokenRequestProblem as Problem};

/// The places of values in a response, as JSON pointers.
#[derive(Debug)]
pub(super) struct ResponseSpec {
    pub(super) token: TokenPlace,
    /// The accepted token types.
    pub(super) token_types: Vec<String>,
    /// The only accepted type, if the request proves possession of a key.
    pub(super) bound_type: Option<String>,
    pub(super) parts: Vec<Part>,
    pub(super) expires_in: Option<String>,
    pub(super) expires_at: Option<String>,
    /// A flag that must not be `false`.
    pub(super) accepted: Option<String>,
    /// Whether the token is a JWT whose claim `exp` is its expiry.
    pub(super) expires_by_jwt: bool,
    /// The unit of a lifetime.
    pub(super) lifetime_unit: Duration,
    pub(super) default_lifetime: Option<Duration>,
    /// Whether zero means an unknown lifetime.
    pub(super) zero_is_unknown: bool,
}

/// Another value to keep with the token.
#[derive(Debug)]
pub(super) struct Part {
    name: String,
    pointer: String,
    is_required: bool,
}

impl Part {
    pub(super) fn required(name: &str, pointer: &str) -> Self {
        Self {
            name: name.to_owned(),
            pointer: pointer.to_owned(),
            is_required: true,
        }
    }

    pub(super) fn optional(name: &str, pointer: &str) -> Self {
        Self {
            is_required: false,
            ..Self::required(name, pointer)
        }
    }
}

const BEARER: &str = "Bearer";

impl Default for ResponseSpec {
    fn default() -> Self {
        Self {
            token: TokenPlace::Pointer("/access_token".to_owned()),
            token_types: vec![BEARER.to_owned()],
            bound_type: None,
            parts: Vec::new(),
            expires_in: Some("/expires_in".to_owned()),
            expires_at: None,
            accepted: None,
            expires_by_jwt: false,
            lifetime_unit: Duration::from_secs(1),
            default_lifetime: None,
            zero_is_unknown: false,
        }
    }
}

/// The name of the part that is the refresh token of the same response (RFC 6749, 5.1).
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

impl ResponseSpec {
    /// Adds the parts that the response to `grant` has.
    pub(super) fn expect(&mut self, grant: &Grant) {
        self.keep(Part::optional(REFRESH_TOKEN, "/refresh_token"));
        if grant.is_token_exchange() {
            self.keep(Part::required("issued_token_type", "/issued_token_type"));
        }
    }

    /// Adds `part`, in place of an earlier one of its name.
    pub(super) fn keep(&mut self, part: Part) {
        self.parts.retain(|other| other.name != part.name);
        self.parts.push(part);
    }

    /// Reads the token and the refresh token. A response that is not an error may have a valid
    /// refresh token although its token is invalid.
    pub(super) fn read(
        &self,
        endpoint: &Url,
        head: &Parts,
        body: &[u8],
    ) -> (Result<Token, Problem>, Option<SecretString>) {
        match self.accepted(endpoint, head, body) {
            Ok(response) => {
                let refresh_token = self.refresh_token(&response);
                (self.whole_token(head, &response), refresh_token)
            }
            Err(problem) => (Err(problem), None),
        }
    }

    /// The fields of a response that is not an error.
    fn accepted<'b>(
        &self,
        endpoint: &Url,
        head: &Parts,
        body: &'b [u8],
    ) -> Result<Fields<'b>, Problem> {
        check_status(endpoint, head, body)?;
        let response = self.token.fields(&head.headers, body)?;
        self.check_acceptance(&response)?;
        Ok(response)
    }

    fn whole_token(&self, head: &Parts, response: &Fields<'_>) -> Result<Token, Problem> {
        self.check_type(response)?;
        let token = self.token.read(&head.headers, response)?;
        let token = self.with_parts(token, response)?;
        self.with_validity(token, head, response)
    }

    fn refresh_token(&self, response: &Fields<'_>) -> Option<SecretString> {
        let part = self.parts.iter().find(|part| part.name == REFRESH_TOKEN)?;
        let token = text_at(response, &part.pointer).ok()??;
        Some(token.as_str().into())
    }

    /// A token of another type must not be used (RFC 6749, 7.1).
    fn check_type(&self, response: &Fields<'_>) -> Result<(), Problem> {
        let types = match &self.bound_type {
            Some(bound) => std::slice::from_ref(bound),
            None => &self.token_types,
        };
        let accepts = |name: &str| {
            let mut types = types.iter();
            types.any(|accepted| accepted.eq_ignore_ascii_case(name))
        };
        let is_accepted = match response.at("/token_type")? {
            None | Some(Field::Null) => accepts(BEARER),
            Some(Field::Text(name)) if name.is_empty() => accepts(BEARER),
            Some(Field::Text(name)) => accepts(&name),
            Some(_) => false,
        };
        match &self.bound_type {
            _ if is_accepted => Ok(()),
            Some(_) => Err(Problem::NotBound),
            None => Err(Problem::TokenType),
        }
    }

    fn with_parts(&self, token: Token, response: &Fields<'_>) -> Result<Token, Problem> {
        self.parts.iter().try_fold(token, |token, part| {
            Ok(match text_at(response, &part.pointer)? {
                Some(value) => token.with_part(&part.name, value.as_str()),
                None if part.is_required => return Err(missing(&part.pointer)),
                None => token,
            })
        })
    }

    /// Some vendors refuse with status 200, where RFC 6749, 5.2, requires 400.
    fn check_acceptance(&self, response: &Fields<'_>) -> Result<(), Problem> {
        if let Some(pointer) = &self.accepted
            && let Some(Field::Bool(false)) = response.at(pointer)?
        {
            return Err(Problem::Refused);
        }
        denial(response)?.map_or(Ok(()), Err)
    }

    fn with_validity(
        &self,
        token: Token,
        head: &Parts,
        response: &Fields<'_>,
    ) -> Result<Token, Problem> {
        if let Some((pointer, value)) = self.present(response, self.expires_at.as_ref())? {
            let time = expiry::time(&value).ok_or_else(|| malformed(pointer, TIME))?;
            return with_expiry_at(token, time, http_date::at_vendor(&head.headers));
        }
        if let Some((pointer, value)) = self.present(response, self.expires_in.as_ref())? {
            let lifetime = expiry::lifetime(&value, self.lifetime_unit)
                .ok_or_else(|| malformed(pointer, NUMBER))?;
            return with_validity(token, lifetime);
        }
        if self.expires_by_jwt
            && let Some(time) = jwt_expiry::read(token.value().expose_secret())?
        {
            return with_expiry_at(token, time, http_date::at_vendor(&head.headers));
        }
        Ok(match self.default_lifetime {
            Some(lifetime) => token.with_lifetime(lifetime),
            None => token,
        })
    }

    /// The value at `pointer`. `None` for `null`, for the zero time of Go and .NET and, if so
    /// configured, for zero.
    fn present<'p>(
        &self,
        response: &Fields<'_>,
        pointer: Option<&'p String>,
    ) -> Result<Option<(&'p String, Field)>, Problem> {
        let Some(pointer) = pointer else {
            return Ok(None);
        };
        let value = response.at(pointer)?.filter(|value| match value {
            Field::Null => false,
            Field::Text(text) if text.starts_with(NOT_SET) => false,
            value => !self.zero_is_unknown || !expiry::is_zero(value),
        });
        Ok(value.map(|value| (pointer, value)))
    }
}

const TIME: &str = "a time (RFC 3339 text, or seconds or milliseconds since 1970)";
const NUMBER: &str = "a lifetime (a number that is not negative)";

/// The text at `pointer`; `None` if it is empty.
pub(super) fn text_at(
    response: &Fields<'_>,
    pointer: &str,
) -> Result<Option<Zeroizing<String>>, Problem> {
    match response.at(pointer)? {
        None | Some(Field::Null) => Ok(None),
        Some(Field::Text(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
        Some(Field::LongText) => Err(Problem::Token(SecretProblem::TooLong)),
        Some(Field::Bool(_) | Field::Number(_) | Field::Other) => Err(malformed(pointer, "text")),
    }
}

pub(super) fn missing(member: &str) -> Problem {
    let member = member.to_owned();
    Problem::Missing { member }
}

pub(super) fn malformed(member: &str, expected: &'static str) -> Problem {
    Problem::Malformed {
        member: member.to_owned(),
        expected,
    }
}

/// The zero time, which Go and .NET send for a time that is not set.
const NOT_SET: &str = "0001-01-01T00:00:00";

fn with_validity(token: Token, lifetime: Duration) -> Result<Token, Problem> {
    if lifetime < MIN_LIFETIME {
        return Err(Problem::ExpiredOnArrival);
    }
    Ok(token.with_lifetime(lifetime))
}

/// Sets the expiry of `token`. With the `Date` of the response, the expiry becomes a lifetime, so
/// the clock of this machine may be wrong.
fn with_expiry_at(
    token: Token,
    end: SystemTime,
    date: Option<SystemTime>,
) -> Result<Token, Problem> {
    match date {
        Some(date) => with_validity(token, end.duration_since(date).unwrap_or_default()),
        None => Ok(token.with_expiry(end)),
    }
}

/// The problem of a response that is not successful, or that has an error code.
pub(super) fn check(endpoint: &Url, head: &Parts, body: &[u8]) -> Result<(), Problem> {
    check_status(endpoint, head, body)?;
    let response = Fields::new(&head.headers, body).ok();
    let denial = response.and_then(|response| denial(&response).ok()?);
    denial.map_or(Ok(()), Err)
}

fn check_status(endpoint: &Url, head: &Parts, body: &[u8]) -> Result<(), Problem> {
    let denial = || {
        let response = Fields::new(&head.headers, body).ok();
        response.and_then(|response| denial(&response).ok()?)
    };
    Err(match head.status {
        status if status.is_success() => return Ok(()),
        status if status.is_redirection() => redirect(head, endpoint),
        StatusCode::UNAUTHORIZED => match denial() {
            Some(busy) if busy.is_transient() => busy,
            Some(denied)
                if matches!(
                    denied,
                    Problem::Denied {
                        code: "invalid_client" | "use_dpop_nonce" | "invalid_dpop_proof",
                        ..
                    }
                ) =>
            {
                denied
            }
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

/// The problem of a registered OAuth error code in the response.
fn denial(response: &Fields<'_>) -> Result<Option<Problem>, Problem> {
    let Some(Field::Text(code)) = response.at("/error")? else {
        return Ok(None);
    };
    let known = oauth::registered(&code);
    Ok(known.map(|(code, kind)| Problem::Denied { code, kind }))
}
