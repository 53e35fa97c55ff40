//! One word for each kind of failure, of a fixed set, for metrics and spans.

use crate::{AuthError, OAuthErrorKind, TokenRequestProblem};

impl AuthError {
    /// What kept a token from being had.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::TokenRequest { problem, .. } => problem.word(),
            Self::Refresh { source, .. } => source.word(),
            Self::TimedOut { .. } => "timeout",
            Self::NoRuntime => "no_runtime",
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
            | Self::Other { .. } => "other",
        }
    }
}

impl TokenRequestProblem {
    fn word(&self) -> &'static str {
        match self {
            Self::Refused => "key_refused",
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
            | Self::Token(_) => "bad_answer",
            Self::ExpiredOnArrival => "expired",
            Self::Throttled | Self::BudgetSpent => "throttled",
            Self::Transport(_) => "transport",
            Self::Timeout => "timeout",
            Self::Panicked => "panicked",
            Self::Interrupted => "interrupted",
        }
    }
}
