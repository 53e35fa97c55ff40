//! The errors of this crate. Each says what failed and what to do, without any secret.

mod advice;
mod binding;
mod input;
mod label;
pub(crate) mod oauth;
mod predicates;
mod token_request;
pub use binding::BindingProblem;
pub use input::{InputProblem, SecretProblem, UrlProblem};
pub use oauth::OAuthErrorKind;
pub use token_request::{RedirectTarget, TokenRequestProblem};

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

/// Why a credential could not be built, found, obtained or attached to a request.
///
/// [`Display`](fmt::Display) prints what failed ([`fact`](Self::fact)) and what to do
/// ([`remedy`](Self::remedy)). [`source`](Error::source) returns only causes that are not in that
/// text, such as an I/O error, so a report of all causes shows each text once.
///
/// A clone is cheap: all callers that wait for one token request share its error. No message holds
/// a secret, a body or a query.
///
/// ```
/// use multi_auth::{AuthError, TokenRequestProblem};
///
/// let busy = http::StatusCode::SERVICE_UNAVAILABLE;
/// let problem = TokenRequestProblem::Status(busy);
/// let error = AuthError::token_request("https://api.example.com/token", problem);
/// assert!(error.is_transient());
/// assert_eq!(error.remedy(), "try again later");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AuthError {
    /// A value is invalid. Correct it where it is configured.
    Invalid(InputProblem),
    /// The key is past its expiry date and was not sent. Create a new one with the vendor.
    #[non_exhaustive]
    KeyExpired {
        /// What has expired: "Alphamoon key".
        what: &'static str,
        /// When it expired.
        since: SystemTime,
    },
    /// No binding of the keyring serves the request, and the keyring refuses such requests.
    #[non_exhaustive]
    Unbound {
        /// The request's scheme, host and port.
        origin: String,
        /// Why no binding serves it.
        problem: BindingProblem,
    },
    /// The authenticator has no credential available and no way to obtain one.
    NotReady,
    /// A token request gave no token.
    #[non_exhaustive]
    TokenRequest {
        /// The token endpoint, without its query.
        endpoint: String,
        /// What went wrong.
        problem: TokenRequestProblem,
        /// The `Retry-After` of the response.
        retry_after: Option<Duration>,
    },
    /// The vendor refused the token, and no newer one could be obtained.
    #[non_exhaustive]
    Refresh {
        /// The status with which the token was refused.
        status: StatusCode,
        /// Why no newer token could be obtained.
        cause: Box<AuthError>,
    },
    /// The request's time limit passed before the request had its credential. It was not sent, or
    /// not sent again. A refresh that is under way continues and serves later requests.
    #[non_exhaustive]
    TimedOut {
        /// How long the request waited.
        waited: Duration,
        /// The status with which the vendor refused the credential, if the request waited for a
        /// refresh after that.
        refused: Option<StatusCode>,
    },
    /// The credential could not be attached to the request.
    #[non_exhaustive]
    Attach {
        /// What prevented it.
        what: &'static str,
    },
    /// There is no Tokio runtime to run a token request on. Call from within one, with its time
    /// driver enabled.
    NoRuntime,
    /// An authenticator, token source or body policy failed that is not part of this crate.
    #[non_exhaustive]
    Other {
        /// The error that it gave.
        error: Arc<dyn Error + Send + Sync>,
        /// Whether trying again later can help.
        transient: bool,
    },
}

impl AuthError {
    /// A permanent failure of your own [`TokenSource`](crate::TokenSource) or
    /// [`Authenticator`](crate::Authenticator): a retry does not help.
    ///
    /// Its message reaches logs: keep secrets out of it.
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other {
            error: error.into().into(),
            transient: false,
        }
    }

    /// A transient failure of your own [`TokenSource`](crate::TokenSource) or
    /// [`Authenticator`](crate::Authenticator): a retry may succeed.
    ///
    /// Its message reaches logs: keep secrets out of it.
    pub fn transient(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other {
            error: error.into().into(),
            transient: true,
        }
    }

    /// A failed token request of your own [`TokenSource`](crate::TokenSource).
    ///
    /// `problem` decides whether the error is transient. `endpoint` is printed: leave out its
    /// query.
    pub fn token_request(endpoint: impl Into<String>, problem: TokenRequestProblem) -> Self {
        Self::TokenRequest {
            endpoint: endpoint.into(),
            problem,
            retry_after: None,
        }
    }

    /// Adds the `Retry-After` of the response to an error of a token request. Other errors stay
    /// unchanged.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        if let Self::TokenRequest { retry_after, .. } = &mut self {
            *retry_after = Some(delay);
        }
        self
    }

    /// The time limit of a request passed after it `waited` for its credential.
    ///
    /// For adapters. `refused` is the status of the response that made a refresh necessary, if
    /// there was one.
    #[must_use]
    pub fn timed_out(waited: Duration, refused: Option<StatusCode>) -> Self {
        Self::TimedOut { waited, refused }
    }

    pub(crate) fn refresh(status: StatusCode, cause: Self) -> Self {
        let cause = Box::new(cause);
        Self::Refresh { status, cause }
    }

    /// A secret that your own [`Authenticator`](crate::Authenticator) refuses at construction.
    /// `what` names it: "signing key".
    ///
    /// ```
    /// use multi_auth::{AuthError, SecretProblem};
    ///
    /// let error = AuthError::invalid_secret("signing key", SecretProblem::Empty);
    /// assert_eq!(error.fact(), "the signing key is empty");
    /// ```
    #[must_use]
    pub fn invalid_secret(what: &'static str, problem: SecretProblem) -> Self {
        Self::Invalid(InputProblem::Secret { what, problem })
    }

    pub(crate) fn url(what: &'static str, problem: UrlProblem) -> Self {
        Self::Invalid(InputProblem::Url { what, problem })
    }

    pub(crate) const fn name(what: &'static str) -> Self {
        Self::Invalid(InputProblem::Name { what })
    }

    pub(crate) const fn unsupported(what: &'static str, remedy: &'static str) -> Self {
        Self::Invalid(InputProblem::Unsupported { what, remedy })
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other { error, .. } => write!(f, "{error}"),
            _ => write!(f, "{}: {}", self.fact(), self.remedy()),
        }
    }
}

/// Skips a cause whose text `Display` prints, and returns the cause of that one.
impl Error for AuthError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::TokenRequest { problem, .. } => problem.source(),
            Self::Refresh { cause, .. } => cause.source(),
            Self::Other { error, .. } => error.source(),
            _ => None,
        }
    }
}

impl From<Infallible> for AuthError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests;
