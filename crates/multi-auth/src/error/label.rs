//! The label of each error in metrics and spans.

use crate::{AuthError, OAuthErrorKind, TokenRequestProblem};

impl AuthError {
    /// The label of the reason why no token was obtained.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::TokenRequest { problem, .. } => problem.label(),
            Self::Refresh { cause, .. } => cause.label(),
            Self::TimedOut { .. } => "timeout",
            Self::NoRuntime => "no_runtime",
            Self::Invalid(_)
            | Self::KeyExpired { .. }
            | Self::Unbound { .. }
            | Self::NotReady
            | Self::Attach { .. }
            | Self::Other { .. } => "other",
        }
    }
}

impl TokenRequestProblem {
    fn label(&self) -> &'static str {
        match self {
            Self::Refused => "key_refused",
            Self::LoginRequired => "login_required",
            Self::Forbidden => "forbidden",
            Self::Denied {
                kind: OAuthErrorKind::Transient,
                ..
            } => "busy",
            Self::Denied { .. } => "denied",
            Self::Status(_) => "status",
            Self::Redirect { .. } => "redirect",
            Self::Html
            | Self::NotJson
            | Self::Empty
            | Self::Missing { .. }
            | Self::Malformed { .. }
            | Self::TokenType
            | Self::NotBound
            | Self::BaseUrl
            | Self::Token(_) => "bad_answer",
            Self::ExpiredOnArrival => "expired",
            Self::Throttled | Self::BudgetSpent => "throttled",
            Self::Paused => "paused",
            Self::Transport(_) => "transport",
            Self::Timeout => "timeout",
            Self::Panicked => "panicked",
            Self::Interrupted => "interrupted",
        }
    }
}
