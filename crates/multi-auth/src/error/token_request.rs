//! What went wrong with a token request.

use std::borrow::Cow;

use http::StatusCode;

use super::OAuthErrorKind;
use crate::{SecretProblem, TransportError};

/// What went wrong with a token request. Nothing that the endpoint says is repeated in it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum TokenRequestProblem {
    /// The endpoint refused the key (401, or `authenticated: false`).
    Refused,
    /// The endpoint knows the key, but it may not be exchanged (403).
    Forbidden,
    /// The endpoint answered with an OAuth error code (RFC 6749, 5.2).
    #[non_exhaustive]
    Denied {
        /// The code, such as `invalid_grant`: one of those registered for token endpoints.
        code: &'static str,
        /// What the code is about.
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
    /// The answer is a web page: most likely the base URL is wrong.
    Html,
    /// The answer cannot be read.
    NotJson,
    /// The answer has no body.
    Empty,
    /// The answer lacks the token, or a member it should have.
    #[non_exhaustive]
    Missing {
        /// The member's place, as a JSON pointer (RFC 6901).
        member: String,
    },
    /// A member has a type or value that cannot be used.
    #[non_exhaustive]
    Malformed {
        /// The member's place, as a JSON pointer (RFC 6901).
        member: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The token is of a type that is not accepted (RFC 6749, 7.1).
    TokenType,
    /// The token holds what a header field cannot.
    Token(SecretProblem),
    /// The token had expired when it came: its lifetime was zero or under one second, or its expiry
    /// was past by this machine's clock (by the vendor's, where the answer has a `Date`). It was
    /// not sent.
    ExpiredOnArrival,
    /// The cache has made as many token requests as
    /// [`refresh_limit`](crate::BearerBuilder::refresh_limit) allows.
    Throttled,
    /// This program has made as many token requests at the token endpoint's origin as
    /// [`endpoint_limit`](crate::TokenEndpointBuilder::endpoint_limit) allows, over all accounts.
    BudgetSpent,
    /// The answer could not be had at all.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The token request took longer than its time limit, or than its token lives.
    Timeout,
    /// The token source panicked. Look for its message in the program's output.
    Panicked,
    /// The runtime on which the token request ran was shut down.
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

    /// Whether a later token request may succeed with nothing changed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status(status) => {
                status.is_server_error()
                    || matches!(
                        *status,
                        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
                    )
            }
            Self::Denied { kind, .. } => *kind == OAuthErrorKind::Transient,
            Self::Html
            | Self::NotJson
            | Self::Empty
            | Self::Transport(_)
            | Self::Timeout
            | Self::Throttled
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
            | Self::ExpiredOnArrival
            | Self::Token(_) => false,
        }
    }
}

/// Where an endpoint's redirect leads. The URL itself is not shown, for whoever wrote it may have
/// put the key into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectTarget {
    /// Another path or query at the endpoint's own origin.
    #[error("another path at its own origin")]
    SameOrigin,
    /// The endpoint's own host, at another scheme or port.
    #[error("another scheme or port of its own host")]
    SameHost,
    /// Another host.
    #[error("another host")]
    OtherHost,
    /// Nowhere: there is no `Location`, or none that can be read.
    #[error("nowhere")]
    Nowhere,
}

impl TokenRequestProblem {
    /// What went wrong.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Refused => "the endpoint refused the key",
            Self::LoginRequired => "the endpoint refused the refresh token (`invalid_grant`)",
            Self::Forbidden => "the key lacks the permission to be exchanged (403)",
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
            Self::Html => "the answer is a web page, not JSON",
            Self::NotJson => "the answer is not JSON",
            Self::Empty => "the answer is empty",
            Self::Missing { member } => return format!("the answer has no `{member}`").into(),
            Self::Malformed { member, expected } => {
                return format!("the answer's `{member}` is not {expected}").into();
            }
            Self::TokenType => "the token's type is none of those that are accepted",
            Self::Token(problem) => {
                return format!("the token cannot be sent, since it {}", problem.fact()).into();
            }
            Self::Transport(error) => return error.to_string().into(),
            Self::Timeout => {
                "the exchange took longer than its time limit, or than its token lives"
            }
            Self::ExpiredOnArrival => "the token had expired when it came",
            Self::Throttled => "too many exchanges follow each other",
            Self::BudgetSpent => "this program has made too many exchanges at the endpoint",
            Self::Panicked => "the token source panicked",
            Self::Interrupted => "the runtime on which the exchange ran was shut down",
        };
        text.into()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Refused => "check that it is current, or create a new one with the vendor",
            Self::LoginRequired => "log in again: the refresh token is expired or revoked",
            Self::Forbidden => "grant it with the vendor",
            Self::Denied { kind, .. } => kind.remedy(),
            Self::Status(status) if is_passing(*status) => "try again later",
            Self::Status(_) => "compare the exchange with the vendor's documentation",
            Self::Redirect { .. } => {
                "see where it leads with `curl -i`, and configure that URL if you trust it"
            }
            Self::Html | Self::NotJson | Self::Empty => "check the base URL (host and path)",
            Self::Missing { .. } => "check where the vendor puts it",
            Self::Malformed { .. } => "compare the answer with the vendor's documentation",
            Self::TokenType => {
                "ask the vendor for a bearer token, or accept the type with `token_types` if your scheme can use it"
            }
            Self::Token(_) => "ask the vendor why its tokens hold that",
            Self::Transport(error) if error.is_timeout() => {
                "look at firewalls and proxies, or set a longer limit"
            }
            Self::Transport(error) if error.is_too_large() => "check the base URL (host and path)",
            Self::Transport(_) => "check host, port and certificate, and the way there",
            Self::Timeout => "set a longer limit, or find out why the token endpoint is slow",
            Self::ExpiredOnArrival => {
                "check this machine's clock, and that the vendor counts the lifetime in seconds"
            }
            Self::Throttled => "wait, and look for what puts the token out of use",
            Self::BudgetSpent => "wait, or allow more with `endpoint_limit`",
            Self::Panicked => "look for its message in the program's output",
            Self::Interrupted => "keep that runtime for as long as requests are sent",
        }
    }
}

/// Whether a status says that a later request may succeed.
fn is_passing(status: StatusCode) -> bool {
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_server_error() || passing.contains(&status)
}
