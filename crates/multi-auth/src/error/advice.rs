//! What went wrong and what to do about it: two texts, which `Display` joins.

use std::borrow::Cow;

use http::StatusCode;

use super::unsent;
use crate::{AuthError, TokenRequestProblem, UrlProblem};

impl AuthError {
    /// What went wrong, without what to do about it.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Secret { what, problem } => format!("the {what} {}", problem.fact()),
            Self::Name { what } => format!("the {what} is not a valid name"),
            Self::Url { what, problem } => format!("the {what} {}", problem.fact()),
            Self::DuplicateBinding { scope } => format!("two credentials are bound to {scope}"),
            Self::Unsupported { what, .. } => return (*what).into(),
            Self::KeyExpired { what, .. } => format!("the {what} has expired and was not sent"),
            Self::Unbound { origin } => format!("no credential is bound to {origin}"),
            Self::UnknownAccount { origin, account } => {
                format!("no credential is bound to {origin} for the account {account:?}")
            }
            Self::AccountRequired { origin } => {
                format!("{origin} has credentials for named accounts only")
            }
            Self::AmbiguousPath { origin } => format!(
                "servers differ in how they read the request's path, so it is unclear whether a path prefix that is bound at {origin} covers it"
            ),
            Self::ForeignTarget { origin } => {
                format!("the request's target may lead to another origin than {origin}")
            }
            Self::NotReady => return "no credential is available".into(),
            Self::TokenRequest {
                endpoint, problem, ..
            } => format!("no token from {endpoint}: {}", problem.fact()),
            Self::Refresh { status, source } => {
                let source = source.fact();
                format!(
                    "the token was refused with status {status}, and it could not be refreshed: {source}"
                )
            }
            Self::TimedOut { waited, refused } => {
                let unsent = unsent(*refused);
                format!("the request's time limit passed after {waited:?}, {unsent}")
            }
            Self::Attach { what } => {
                format!("the credential could not be put on the request: {what}")
            }
            Self::NoRuntime => return "an exchange needs a Tokio runtime".into(),
            Self::Other { source, .. } => source.to_string(),
        };
        text.into()
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Secret { problem, .. } => problem.remedy(),
            Self::Name { .. } => {
                "use letters, digits and hyphens, as in the vendor's documentation"
            }
            Self::Url { problem, .. } => problem.remedy(),
            Self::DuplicateBinding { .. } => {
                "remove one, or tell them apart by a path prefix or an account"
            }
            Self::Unsupported { remedy, .. } => remedy,
            Self::KeyExpired { .. } => "create a new one with the vendor and bind it",
            Self::Unbound { .. } => {
                "bind one, or mark the request as `Anonymous` to send it without"
            }
            Self::UnknownAccount { .. } => "bind one for it",
            Self::AccountRequired { .. } => {
                "put an `Account` into the request's extensions, or `Anonymous` to send it without"
            }
            Self::AmbiguousPath { .. } => {
                "send the path without dot segments and special characters, or mark the request as `Anonymous` to send it without"
            }
            Self::ForeignTarget { .. } => {
                "begin it with one slash and a segment, or mark the request as `Anonymous` to send it without"
            }
            Self::NotReady => "implement `authenticate` where `ready` can give `None`",
            Self::TokenRequest { problem, .. } => problem.remedy(),
            Self::Refresh { source, .. } => source.remedy(),
            Self::TimedOut { .. } => {
                "set a longer limit, or find out why the token endpoint is slow"
            }
            Self::Attach { .. } => "take out of the request what is in the way",
            Self::NoRuntime => "send the request from within one",
            Self::Other { .. } => "see what the program's own authenticator or token source needs",
        }
    }
}

impl UrlProblem {
    /// What is wrong, to follow the name of the URL.
    #[must_use]
    pub fn fact(self) -> &'static str {
        match self {
            Self::NotAbsolute => "is not an absolute URL",
            Self::Scheme => "is neither https nor http",
            Self::PlainHttp => "is plain http, which anyone on the way can read",
            Self::Userinfo => "has a user or password in it",
            Self::Fragment => "has a fragment (`#...`) in it, which is never sent",
            Self::Query => "has a query (`?...`) in it",
            Self::PathSegment => "is not one segment of a path",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotAbsolute | Self::Scheme => "write it as in https://api.example.com",
            Self::PlainHttp => "use https (only loopback addresses may go without)",
            Self::Userinfo => "leave it out, and give credentials to a scheme",
            Self::Fragment | Self::Query => "leave it out",
            Self::PathSegment => "give letters, digits, hyphens and underscores only",
        }
    }
}

impl TokenRequestProblem {
    /// What went wrong.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        let text = match self {
            Self::Refused => "the endpoint refused the key",
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
            Self::TokenType => {
                "the token is of a type other than `Bearer`, which this scheme cannot use"
            }
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
            Self::TokenType => "ask the vendor for an endpoint that issues bearer tokens",
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
