//! The problems of a token request.

use std::borrow::Cow;

use http::StatusCode;

use super::OAuthErrorKind;
use crate::{SecretProblem, TransportError};

/// What went wrong with a token request. Its text repeats nothing from the response.
///
/// ```
/// use multi_auth::TokenRequestProblem;
///
/// assert!(TokenRequestProblem::Timeout.is_transient());
/// assert!(!TokenRequestProblem::LoginRequired.is_transient());
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum TokenRequestProblem {
    /// The endpoint refused the key (401, or `authenticated: false`).
    Refused,
    /// The endpoint accepts the key, but it lacks the permission to obtain a token (403).
    Forbidden,
    /// The endpoint answered with an OAuth error code (RFC 6749, 5.2).
    #[non_exhaustive]
    Denied {
        /// The registered code, such as `invalid_grant`.
        code: &'static str,
        /// The kind of problem that the code reports.
        kind: OAuthErrorKind,
    },
    /// The endpoint refused the refresh token (`invalid_grant`; RFC 6749, 5.2). It is expired or
    /// revoked, and only a new login gives another one.
    LoginRequired,
    /// The endpoint answered with another status that is not a success.
    Status(StatusCode),
    /// The endpoint answered with a redirect, which a token request never follows.
    #[non_exhaustive]
    Redirect {
        /// The redirect's status.
        status: StatusCode,
        /// Where it leads.
        target: RedirectTarget,
    },
    /// The response is a web page: most likely the base URL is wrong.
    Html,
    /// The response is not JSON.
    NotJson,
    /// The response has no body.
    Empty,
    /// The response lacks the token or another required member.
    #[non_exhaustive]
    Missing {
        /// The member's place, as a JSON pointer (RFC 6901).
        member: String,
    },
    /// A member of the response has the wrong type or an invalid value.
    #[non_exhaustive]
    Malformed {
        /// The member's place, as a JSON pointer (RFC 6901).
        member: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The token type is not accepted (RFC 6749, 7.1).
    TokenType,
    /// The token is not bound to the key of the client's proof (RFC 9449, 5), so that anyone who
    /// reads it can use it. It was not sent.
    NotBound,
    /// The response names a base URL that is not at an allowed domain.
    BaseUrl,
    /// The token is not valid in its placement.
    Token(SecretProblem),
    /// The token was expired on arrival: its lifetime was under one second, or its expiry was in
    /// the past on this machine's clock (on the vendor's, if the response has a `Date`). It was not
    /// sent.
    ExpiredOnArrival,
    /// The cache has made as many token requests as
    /// [`refresh_limit`](crate::BearerBuilder::refresh_limit) allows.
    Throttled,
    /// An earlier token request has failed, and the processes that share the token wait before the
    /// next one.
    Paused,
    /// This program has made as many token requests at the token endpoint's origin as
    /// [`endpoint_limit`](crate::TokenEndpointBuilder::endpoint_limit) allows, over all accounts.
    BudgetSpent,
    /// The transport returned no complete response.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The token request took longer than its time limit, or than the lifetime of its token.
    Timeout,
    /// The token source panicked. The panic message is in the program's output.
    Panicked,
    /// The runtime that ran the token request was shut down.
    Interrupted,
}

impl TokenRequestProblem {
    /// Whether a time limit passed.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout => true,
            Self::Transport(error) => error.is_timeout(),
            _ => false,
        }
    }

    /// Whether the same token request may succeed later, without a change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => is_transient(*status),
            Self::Denied { kind, .. } => *kind == OAuthErrorKind::Transient,
            Self::Html
            | Self::NotJson
            | Self::Empty
            | Self::Transport(_)
            | Self::Timeout
            | Self::Throttled
            | Self::Paused
            | Self::BudgetSpent
            | Self::Panicked
            | Self::Interrupted => true,
            Self::Refused
            | Self::LoginRequired
            | Self::Forbidden
            | Self::Redirect { .. }
            | Self::Missing { .. }
            | Self::Malformed { .. }
            | Self::TokenType
            | Self::NotBound
            | Self::BaseUrl
            | Self::ExpiredOnArrival
            | Self::Token(_) => false,
        }
    }
}

/// Where an endpoint's redirect leads. The URL is not printed: it may hold the key.
///
/// ```
/// use multi_auth::RedirectTarget;
///
/// assert_eq!(RedirectTarget::OtherHost.to_string(), "another host");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectTarget {
    /// Another path or query at the endpoint's own origin.
    #[error("another path of the same origin")]
    SameOrigin,
    /// The endpoint's own host, at another scheme or port.
    #[error("another scheme or port of the same host")]
    SameHost,
    /// Another host.
    #[error("another host")]
    OtherHost,
    /// Unknown: the response has no valid `Location`.
    #[error("an invalid target")]
    Nowhere,
}

impl TokenRequestProblem {
    /// Returns what went wrong.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Refused => "the endpoint refused the key",
            Self::LoginRequired => "the endpoint refused the refresh token (`invalid_grant`)",
            Self::Forbidden => "the key lacks the permission to obtain a token (403)",
            Self::Denied { code, .. } => {
                return format!("the endpoint answered with the error `{code}`").into();
            }
            Self::Status(status) => {
                return format!("the endpoint answered with status {status}").into();
            }
            Self::Redirect { status, target } => {
                return format!(
                    "the endpoint answered with a redirect ({status}) to {target}, which is not followed"
                )
                .into();
            }
            Self::Html => "the response is a web page, not JSON",
            Self::NotJson => "the response is not JSON",
            Self::Empty => "the response is empty",
            Self::Missing { member } => return format!("the response has no `{member}`").into(),
            Self::Malformed { member, expected } => {
                return format!("`{member}` of the response is not {expected}").into();
            }
            Self::TokenType => "the token type is not accepted",
            Self::NotBound => "the token is not bound to the key of the proof",
            Self::BaseUrl => "the response names a base URL that is not at an allowed domain",
            Self::Token(problem) => {
                return format!("the token cannot be sent because it {}", problem.fact()).into();
            }
            Self::Transport(error) => return error.to_string().into(),
            Self::Timeout => {
                "the token request took longer than its time limit or the lifetime of its token"
            }
            Self::ExpiredOnArrival => "the token was expired on arrival",
            Self::Throttled => "the cache has reached its limit of token requests",
            Self::Paused => "an earlier token request has failed",
            Self::BudgetSpent => {
                "this program has reached its limit of token requests at the endpoint"
            }
            Self::Panicked => "the token source panicked",
            Self::Interrupted => "the runtime of the token request was shut down",
        };
        text.into()
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Refused => "check that it is current, or create a new one with the vendor",
            Self::LoginRequired => "log in again: the refresh token is expired or revoked",
            Self::Forbidden => "ask the vendor to grant it",
            Self::Denied {
                code: "invalid_client",
                ..
            } => {
                "compare the client's ID, its secret and how it authenticates with the vendor's console"
            }
            Self::Denied { kind, .. } => kind.remedy(),
            Self::Status(status) if is_transient(*status) => "try again later",
            Self::Status(_) => "compare the token request with the vendor's documentation",
            Self::Redirect { .. } => {
                "find its target with `curl -i`, and configure that URL if you trust it"
            }
            Self::Html | Self::NotJson | Self::Empty => "check the base URL (host and path)",
            Self::Missing { .. } => "check its place in the vendor's documentation",
            Self::Malformed { .. } => "compare the response with the vendor's documentation",
            Self::TokenType => {
                "ask the vendor for a bearer token, or accept the type with `token_types` if your scheme can use it"
            }
            Self::NotBound => "ask the vendor to bind the tokens of this client, as with DPoP",
            Self::BaseUrl => "if its domain belongs to the vendor, allow it",
            Self::Token(_) => "ask the vendor about the format of its tokens",
            Self::Transport(error) if error.is_timeout() => {
                "check firewalls and proxies, or set a longer limit"
            }
            Self::Transport(error) if error.is_too_large() => "check the base URL (host and path)",
            Self::Transport(_) => "check host, port, certificate and network",
            Self::Timeout => "set a longer limit, or find out why the token endpoint is slow",
            Self::ExpiredOnArrival => {
                "check this machine's clock, and that the vendor counts the lifetime in seconds"
            }
            Self::Throttled => "wait, and find out what invalidates the token",
            Self::Paused => "wait, and look in the log of the process that sent it",
            Self::BudgetSpent => "wait, or raise it with `endpoint_limit`",
            Self::Panicked => "look for its message in the program's output",
            Self::Interrupted => "keep the runtime running while requests are sent",
        }
    }
}

/// Whether the same request may succeed later (408, 429, 5xx).
fn is_transient(status: StatusCode) -> bool {
    let transient = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || transient.contains(&status)
}
