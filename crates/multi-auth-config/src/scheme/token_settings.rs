//! How the tokens of an entry are cached.

use std::num::NonZeroU32;
use std::time::Duration;

use http::StatusCode;
use multi_auth::{AuthError, BearerBuilder, OnExpired};

/// How tokens are cached. A setting that is absent has its default.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenSettings {
    pub(crate) refresh_timeout: Option<Duration>,
    pub(crate) attempts: Option<NonZeroU32>,
    pub(crate) window: Option<Duration>,
    pub(crate) margin: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) serve_stale: bool,
    pub(crate) refresh_on: Option<Vec<StatusCode>>,
}

impl TokenSettings {
    /// Adds these settings to `builder`.
    pub(crate) fn apply(&self, mut builder: BearerBuilder) -> Result<BearerBuilder, AuthError> {
        if let Some(limit) = self.refresh_timeout {
            builder = builder.refresh_timeout(limit);
        }
        if let Some(attempts) = self.attempts {
            builder = builder.attempts(attempts);
        }
        if let Some(window) = self.window {
            builder = builder.window(window);
        }
        if let Some(margin) = self.margin {
            builder = builder.margin(margin);
        }
        if let Some(age) = self.max_age {
            builder = builder.max_age(age);
        }
        if self.serve_stale {
            builder = builder.on_expired(OnExpired::ServeStale);
        }
        if let Some(statuses) = &self.refresh_on {
            builder = builder.refresh_on(statuses.iter().copied())?;
        }
        Ok(builder)
    }
}
