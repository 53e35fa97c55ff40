//! What went wrong and what to do about it: two texts, which `Display` joins.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;

use crate::AuthError;

impl AuthError {
    /// What went wrong, without what to do about it.
    #[must_use]
    pub fn fact(&self) -> Cow<'static, str> {
        match self {
            Self::Invalid(problem) => problem.fact(),
            Self::KeyExpired { what, .. } => {
                format!("the {what} has expired and was not sent").into()
            }
            Self::Unbound { origin, problem } => problem.fact(origin),
            Self::NotReady => "no credential is available".into(),
            Self::TokenRequest {
                endpoint, problem, ..
            } => format!("no token from {endpoint}: {}", problem.fact()).into(),
            Self::Refresh { status, cause } => {
                let cause = cause.fact();
                format!("the token was refused with status {status}, and it could not be refreshed: {cause}").into()
            }
            Self::TimedOut { waited, refused } => timed_out(*waited, *refused).into(),
            Self::Attach { what } => {
                format!("the credential could not be put on the request: {what}").into()
            }
            Self::NoRuntime => "a token request needs a Tokio runtime".into(),
            Self::Other { error, .. } => error.to_string().into(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Invalid(problem) => problem.remedy(),
            Self::KeyExpired { .. } => "create a new one with the vendor and bind it",
            Self::Unbound { problem, .. } => problem.remedy(),
            Self::NotReady => "implement `authenticate` where `ready` can give `None`",
            Self::TokenRequest { problem, .. } => problem.remedy(),
            Self::Refresh { cause, .. } => cause.remedy(),
            Self::TimedOut { .. } => {
                "set a longer limit, or find out why the token endpoint is slow"
            }
            Self::Attach { .. } => "remove from the request what prevents it",
            Self::NoRuntime => "send the request from within one",
            Self::Other { .. } => {
                "follow the message: it comes from the authenticator, token source or body policy in use"
            }
        }
    }
}

fn timed_out(waited: Duration, refused: Option<StatusCode>) -> String {
    let unsent = match refused {
        None => "before it had its credential, and it was not sent".to_owned(),
        Some(status) => format!(
            "before the credential that was refused with status {status} could be refreshed, and it was not sent again"
        ),
    };
    format!("the request's time limit passed after {waited:?}, {unsent}")
}
