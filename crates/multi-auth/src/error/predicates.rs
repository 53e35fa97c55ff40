//! Predicates of errors: transient, timeout, about the key.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::{AuthError, OAuthErrorKind, TokenRequestProblem};

impl AuthError {
    /// Finds the `AuthError` in an error and its causes, such as the error of an HTTP client:
    /// plain, boxed, in an `Arc`, or inside an [`io::Error`].
    ///
    /// ```
    /// # use multi_auth::AuthError;
    /// let wrapped: Box<dyn std::error::Error> = Box::new(AuthError::NotReady);
    /// assert!(AuthError::find(&*wrapped).is_some());
    /// ```
    #[must_use]
    pub fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e Self> {
        std::iter::successors(Some(error), |error| cause_of(*error)).find_map(as_auth_error)
    }

    /// Whether the same request may succeed later, without a change.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TokenRequest { problem, .. } => problem.is_transient(),
            Self::Refresh { cause, .. } => cause.is_transient(),
            Self::TimedOut { .. } => true,
            Self::Other { transient, .. } => *transient,
            Self::Invalid(_)
            | Self::KeyExpired { .. }
            | Self::Unbound { .. }
            | Self::NotReady
            | Self::Attach { .. }
            | Self::NoRuntime => false,
        }
    }

    /// Whether a time limit passed: that of the request or of a token request.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::TimedOut { .. } => true,
            Self::TokenRequest { problem, .. } => problem.is_timeout(),
            Self::Refresh { cause, .. } => cause.is_timeout(),
            _ => false,
        }
    }

    /// Whether the vendor refuses the key itself, or its expiry date has passed.
    pub(crate) fn is_about_the_key(&self) -> bool {
        match self {
            Self::TokenRequest { problem, .. } => matches!(
                problem,
                TokenRequestProblem::Refused
                    | TokenRequestProblem::LoginRequired
                    | TokenRequestProblem::Forbidden
                    | TokenRequestProblem::Denied {
                        kind: OAuthErrorKind::Key | OAuthErrorKind::Permission,
                        ..
                    }
            ),
            Self::Refresh { cause, .. } => cause.is_about_the_key(),
            Self::KeyExpired { .. } => true,
            Self::Other { transient, .. } => !transient,
            _ => false,
        }
    }

    /// The `Retry-After` of the token endpoint, if it sent one.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TokenRequest { retry_after, .. } => *retry_after,
            Self::Refresh { cause, .. } => cause.retry_after(),
            _ => None,
        }
    }
}

/// The cause of `error`. An I/O error hides the error that it wraps.
fn cause_of<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref)
    {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// Boxed errors and errors in an `Arc` skip their content in `source`.
fn as_auth_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e AuthError> {
    let boxed = || error.downcast_ref::<Box<AuthError>>().map(|error| &**error);
    let shared = || error.downcast_ref::<Arc<AuthError>>().map(|error| &**error);
    error.downcast_ref().or_else(boxed).or_else(shared)
}
