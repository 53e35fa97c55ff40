//! How the tokens of an entry are cached.

use std::num::NonZeroU32;
use std::time::Duration;

use http::{HeaderName, StatusCode};
use multi_auth::{AuthError, Bearer, BearerBuilder, OnExpired, ResponseHead};

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
    pub(crate) refresh_if: Option<Refusal>,
}

/// A header field that means that a token is no longer valid.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) header: HeaderName,
    /// The text that its value contains, in lower case.
    pub(crate) contains: String,
    pub(crate) status: Option<StatusCode>,
}

impl Refusal {
    fn is_in(&self, response: &ResponseHead<'_>) -> bool {
        if self
            .status
            .is_some_and(|status| status != response.status())
        {
            return false;
        }
        let values = response.headers().get_all(&self.header).iter();
        let mut texts = values.filter_map(|value| value.to_str().ok());
        texts.any(|text| text.to_ascii_lowercase().contains(&self.contains))
    }
}

impl TokenSettings {
    /// Builds `builder` with these settings.
    pub(crate) fn build(&self, mut builder: BearerBuilder) -> Result<Bearer, AuthError> {
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
        if let Some(refusal) = self.refresh_if.clone() {
            builder = builder.refresh_when(move |response| refusal.is_in(response));
        }
        Ok(builder.build())
    }
}
