//! The two halves of each message: what failed, and what to do about it.

use std::borrow::Cow;
use std::time::Duration;

use http::StatusCode;

use crate::AuthError;

impl AuthError {
    /// Returns what failed, without the remedy.
    ///
    /// ```
    /// use multi_auth::Basic;
    ///
    /// let error = Basic::from_pair("user").unwrap_err();
    /// assert_eq!(error.fact(), "the key has no colon");
    /// assert_eq!(error.remedy(), "give the whole key, in the form `user:pass`");
    /// ```
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
                format!("the credential could not be attached to the request: {what}").into()
            }
            Self::NoRuntime => "a token request needs a Tokio runtime".into(),
            Self::Other { error, .. } => error.to_string().into(),
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Invalid(problem) => problem.remedy(),
            Self::KeyExpired { .. } => "create a new one with the vendor, and bind it",
            Self::Unbound { problem, .. } => problem.remedy(),
            Self::NotReady => "implement `authenticate` if `ready` can return `None`",
            Self::TokenRequest { problem, .. } => problem.remedy(),
            Self::Refresh { cause, .. } => cause.remedy(),
            Self::TimedOut { .. } => {
                "set a longer limit, or find out why the token endpoint is slow"
            }
            Self::Attach { .. } => "change the request, or the placement of the credential",
            Self::NoRuntime => "send the request from within a runtime",
            Self::Other { .. } => "check the program's authenticator or token source",
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
