//! Everything that can go wrong, with what to do about it and never with a secret in it.

mod advice;
pub(crate) mod oauth;
mod problem;
mod word;
pub use oauth::OAuthErrorKind;
pub use problem::{RedirectTarget, SecretProblem, TokenRequestProblem, UrlProblem};

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;

/// Why a credential could not be built, found, obtained or attached.
///
/// Cheap to clone, since all who wait for one token request share its failure. No message holds a
/// secret, a body or a query string.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}: {}", self.fact(), self.remedy())]
#[non_exhaustive]
pub enum AuthError {
    /// A secret has a form that cannot be right. Correct the value where it is kept.
    #[non_exhaustive]
    Secret {
        /// What was given: "API key", "user".
        what: &'static str,
        /// What is wrong with it.
        problem: SecretProblem,
    },
    /// The name of a header field, query parameter, cookie or account cannot be sent as such.
    #[non_exhaustive]
    Name {
        /// What was named: "header name", "cookie name".
        what: &'static str,
    },
    /// A URL cannot serve as a scope or as an endpoint. Correct it in the configuration.
    #[non_exhaustive]
    Url {
        /// What was given: "scope", "token endpoint".
        what: &'static str,
        /// What is wrong with it.
        problem: UrlProblem,
    },
    /// Two bindings claim one scope. Remove one, or tell them apart by a path or an account.
    #[non_exhaustive]
    DuplicateBinding {
        /// The scope, as origin, path and account.
        scope: String,
    },
    /// A scheme was asked to do what it cannot. The message says what.
    #[non_exhaustive]
    Unsupported {
        /// What cannot be done.
        what: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
    /// The key is past its expiry date and was not sent. Create a new one with the vendor.
    #[non_exhaustive]
    KeyExpired {
        /// What has expired: "Alphamoon key".
        what: &'static str,
        /// When it expired.
        since: SystemTime,
    },
    /// No credential is bound to the request's origin, and the keyring refuses such requests.
    #[non_exhaustive]
    Unbound {
        /// The request's scheme, host and port.
        origin: String,
    },
    /// The request names an account that has no binding at its origin.
    #[non_exhaustive]
    UnknownAccount {
        /// The request's scheme, host and port.
        origin: String,
        /// The account that the request names.
        account: String,
    },
    /// The request names no account, and its origin has bindings for named accounts only.
    #[non_exhaustive]
    AccountRequired {
        /// The request's scheme, host and port.
        origin: String,
    },
    /// The request's path can be read in several ways, so it is unclear whether a bound path prefix
    /// covers it. A path like `/v1/..;/x` is below `/v1` for one server, and not for another.
    #[non_exhaustive]
    AmbiguousPath {
        /// The request's scheme, host and port.
        origin: String,
    },
    /// The request names no origin, and its target may lead to another one than the default:
    /// `//other.example/x`.
    #[non_exhaustive]
    ForeignTarget {
        /// The default origin: scheme, host and port.
        origin: String,
    },
    /// The authenticator had no credential at hand and has no way to obtain one.
    NotReady,
    /// A token request gave no token.
    #[non_exhaustive]
    TokenRequest {
        /// The token endpoint, without its query.
        endpoint: String,
        /// What went wrong.
        #[source]
        problem: TokenRequestProblem,
        /// How long the vendor asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// The vendor refused the token, and no new one could be had.
    #[non_exhaustive]
    Refresh {
        /// The status with which the token was refused.
        status: StatusCode,
        /// Why no new token could be had.
        source: Box<AuthError>,
    },
    /// The request's time limit passed before the request had its credential. It was not sent, or not sent again. A refresh
    /// that is under way continues and serves later requests.
    #[non_exhaustive]
    TimedOut {
        /// How long the request waited.
        waited: Duration,
        /// The status with which the vendor refused the credential, if the request waited for a refresh after that.
        refused: Option<StatusCode>,
    },
    /// The credential could not be put on the request.
    #[non_exhaustive]
    Attach {
        /// What stood in the way.
        what: &'static str,
    },
    /// There is no Tokio runtime to run a token request on. Call from within one, with its time driver
    /// enabled.
    NoRuntime,
    /// An authenticator or token source of the user's own failed.
    #[error("{source}")]
    #[non_exhaustive]
    Other {
        /// What it said.
        source: Arc<dyn Error + Send + Sync>,
        /// Whether trying again later can help.
        transient: bool,
    },
}

impl AuthError {
    /// A failure of your own [`TokenSource`](crate::TokenSource) or
    /// [`Authenticator`](crate::Authenticator) that trying again will not cure.
    ///
    /// Its message reaches logs: keep secrets out of it.
    pub fn permanent(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other {
            source: source.into().into(),
            transient: false,
        }
    }

    /// A failure of your own that may be gone at the next try.
    pub fn transient(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Other {
            source: source.into().into(),
            transient: true,
        }
    }

    /// A failed token request of your own [`TokenSource`](crate::TokenSource), told as this crate's own are:
    /// whether it may pass follows from `problem`. `endpoint` is shown: leave its query out.
    pub fn token_request(endpoint: impl Into<String>, problem: TokenRequestProblem) -> Self {
        Self::TokenRequest {
            endpoint: endpoint.into(),
            problem,
            retry_after: None,
        }
    }

    /// The same error with how long the vendor asks to be left alone, if it is one of a token request.
    #[must_use]
    pub fn with_retry_after(self, wish: Duration) -> Self {
        match self {
            Self::TokenRequest {
                endpoint, problem, ..
            } => Self::TokenRequest {
                endpoint,
                problem,
                retry_after: Some(wish),
            },
            other => other,
        }
    }

    /// The `AuthError` in a chain of errors, such as an HTTP client's error that wraps ours.
    ///
    /// ```
    /// # use multi_auth::AuthError;
    /// let wrapped: Box<dyn std::error::Error> = Box::new(AuthError::NotReady);
    /// assert!(AuthError::find(&*wrapped).is_some());
    /// ```
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            // An I/O error hides what it wraps from its chain.
            next = match error
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
            {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }

    /// Whether the same request may succeed later with nothing changed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TokenRequest { problem, .. } => problem.is_transient(),
            Self::Refresh { source, .. } => source.is_transient(),
            Self::TimedOut { .. } => true,
            Self::Other { transient, .. } => *transient,
            Self::Secret { .. }
            | Self::Name { .. }
            | Self::Url { .. }
            | Self::DuplicateBinding { .. }
            | Self::Unsupported { .. }
            | Self::KeyExpired { .. }
            | Self::Unbound { .. }
            | Self::UnknownAccount { .. }
            | Self::AccountRequired { .. }
            | Self::AmbiguousPath { .. }
            | Self::ForeignTarget { .. }
            | Self::NotReady
            | Self::Attach { .. }
            | Self::NoRuntime => false,
        }
    }

    /// Whether a time limit passed: the request's own, or that of a call to a token endpoint.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::TimedOut { .. } => true,
            Self::TokenRequest { problem, .. } => problem.is_timeout(),
            Self::Refresh { source, .. } => source.is_timeout(),
            _ => false,
        }
    }

    /// An error for a request whose time limit passed after it `waited` for its credential.
    ///
    /// For adapters. `refused` is the status of the response that made a refresh necessary, if there was one.
    #[must_use]
    pub fn timed_out(waited: Duration, refused: Option<StatusCode>) -> Self {
        Self::TimedOut { waited, refused }
    }

    /// Whether the vendor speaks against the key itself, or its date does.
    pub(crate) fn is_about_the_key(&self) -> bool {
        match self {
            Self::TokenRequest { problem, .. } => matches!(
                problem,
                TokenRequestProblem::Refused
                    | TokenRequestProblem::Forbidden
                    | TokenRequestProblem::Denied {
                        kind: OAuthErrorKind::Key | OAuthErrorKind::Permission,
                        ..
                    }
            ),
            Self::Refresh { source, .. } => source.is_about_the_key(),
            Self::KeyExpired { .. } => true,
            Self::Other { transient, .. } => !transient,
            _ => false,
        }
    }

    /// How long the vendor asked to be left alone, where it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TokenRequest { retry_after, .. } => *retry_after,
            Self::Refresh { source, .. } => source.retry_after(),
            _ => None,
        }
    }

    pub(crate) fn secret(what: &'static str, problem: SecretProblem) -> Self {
        Self::Secret { what, problem }
    }

    pub(crate) fn url(what: &'static str, problem: UrlProblem) -> Self {
        Self::Url { what, problem }
    }
}

/// What did not happen because the time limit passed.
fn unsent(refused: Option<StatusCode>) -> String {
    match refused {
        None => "before it had its credential, and it was not sent".to_owned(),
        Some(status) => format!(
            "before the credential that was refused with status {status} could be refreshed, and it was not sent again"
        ),
    }
}

impl From<Infallible> for AuthError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests;
