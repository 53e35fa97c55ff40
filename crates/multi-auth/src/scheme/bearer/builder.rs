//! Settings of a [`Bearer`].

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::Bearer;
use crate::telemetry::label::Label;
use crate::token::cache::{Delays, Observer, Pacing, Rate, Settings, TokenCache};
use crate::{AuthError, Clock, Placement, ResponseHead, TokenEvent, TokenSource};

pub(super) type Statuses = Arc<[StatusCode]>;

/// Whether a response means that the token is no longer valid.
#[derive(Clone)]
pub(super) struct Predicate(pub(super) Arc<dyn Fn(&ResponseHead<'_>) -> bool + Send + Sync>);

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

/// What to do with an expired token if no newer one is available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnExpired {
    /// Fail the request with the reason.
    #[default]
    Fail,
    /// Send the expired token: some vendors accept it for a while. A token that was refused is
    /// never sent.
    ServeStale,
}

/// Settings for a [`Bearer`], from [`Bearer::builder`].
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::{Bearer, OnExpired, Token, source_fn};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let bearer = Bearer::builder(source_fn(|| async { Ok(Token::new("t-123")) }))
///     .refresh_on([http::StatusCode::UNAUTHORIZED, http::StatusCode::FORBIDDEN])?
///     .refresh_timeout(Duration::from_secs(10))
///     .max_age(Duration::from_secs(3600))
///     .on_expired(OnExpired::ServeStale)
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct BearerBuilder {
    source: Arc<dyn TokenSource>,
    settings: Settings,
    refresh_on: Statuses,
    refresh_when: Option<Predicate>,
    label: Option<String>,
}

/// Longer than any program runs, and short enough to be added to any time.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

fn delays(first: Duration, longest: Duration) -> Delays {
    Delays {
        first: first.min(FOREVER),
        longest: longest.min(FOREVER),
    }
}

impl BearerBuilder {
    pub(super) fn new(source: Arc<dyn TokenSource>) -> Self {
        let refresh_on = Arc::new([StatusCode::UNAUTHORIZED]);
        Self {
            source,
            settings: Settings::default(),
            refresh_on,
            refresh_when: None,
            label: None,
        }
    }

    fn pacing(&mut self) -> &mut Pacing {
        Arc::make_mut(&mut self.settings.pacing)
    }

    /// Where requests carry the token. Default: [`Placement::bearer`].
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.settings.placement = placement;
        self
    }

    /// The statuses that mean that the token is no longer valid, in place of 401. An empty list
    /// turns refresh after a refusal off.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if one is not a 4xx.
    pub fn refresh_on(
        mut self,
        statuses: impl IntoIterator<Item = StatusCode>,
    ) -> Result<Self, AuthError> {
        self.refresh_on = statuses.into_iter().collect();
        if self.refresh_on.iter().all(StatusCode::is_client_error) {
            return Ok(self);
        }
        Err(AuthError::unsupported(
            "only a 4xx status can mean that a token is no longer valid",
            "give statuses from 400 to 499",
        ))
    }

    /// A predicate that means that the token is no longer valid, for vendors that say so in another
    /// status or a header field.
    #[must_use]
    pub fn refresh_when(
        mut self,
        means_invalid: impl Fn(&ResponseHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.refresh_when = Some(Predicate(Arc::new(means_invalid)));
        self
    }

    /// The time limit of a token request. Default: 30 s. Transports have their own limit; the
    /// shorter one applies.
    #[must_use]
    pub fn refresh_timeout(mut self, limit: Duration) -> Self {
        self.pacing().refresh_timeout = limit;
        self
    }

    /// The number of attempts before a token request counts as failed, within its time limit and
    /// with the delays of [`backoff`](Self::backoff). Only transient failures are retried. Default:
    /// 1, so that waiting requests fail at once.
    #[must_use]
    pub fn attempts(mut self, attempts: NonZeroU32) -> Self {
        self.pacing().attempts = attempts.get();
        self
    }

    /// How long before expiry a token is refreshed in the background. Default, by lifetime: up to
    /// 20 min: 5 min; up to 90 min: 15 min; longer: 60 min. At most half the lifetime.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.pacing().window.fixed = Some(window);
        self
    }

    /// The random part of the window, from 0.0 to 1.0, drawn once per token, so that many instances
    /// do not refresh at the same time. Default: 0.5.
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        self.pacing().window.jitter = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self
    }

    /// How long before expiry a token is no longer used. Default: 10 s, or a tenth of its lifetime
    /// if that is less. At most half the lifetime.
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Self {
        self.pacing().window.margin = Some(margin);
        self
    }

    /// The longest lifetime of a token. A token without a lifetime gets this one. Default: the
    /// lifetime that the issuer states, or none.
    ///
    /// With zero, only requests that wait at the same time share a token: each later one makes a
    /// token request, as often as [`refresh_limit`](Self::refresh_limit) allows.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.pacing().max_age = Some(age);
        self
    }

    /// The delays between failing token requests: they double from `first` to `longest`, and each
    /// is randomly shortened by up to half. Default: 1 s to 60 s. A vendor's `Retry-After` takes
    /// precedence. When a token expires during a delay, one token request is allowed.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pacing().after_failure = delays(first, longest);
        self
    }

    /// The delays while the vendor refuses the key, so that no account is locked. Default: 5 s to 5
    /// min.
    #[must_use]
    pub fn refused_key_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pacing().after_refused_key = delays(first, longest);
        self
    }

    /// What to do with an expired token if no newer one is available. Default: fail.
    #[must_use]
    pub fn on_expired(mut self, choice: OnExpired) -> Self {
        self.settings.on_expired = choice;
        self
    }

    /// How long a request waits for a newer token before it gets a stale one, with
    /// [`OnExpired::ServeStale`]. Default: 1 s. With zero, it gets the stale one at once.
    ///
    /// The time counts from the start of the token request, which continues: later requests get the
    /// stale token at once until it ends.
    #[must_use]
    pub fn stale_after(mut self, patience: Duration) -> Self {
        self.pacing().stale_after = patience;
        self
    }

    /// Called for every event, synchronously: keep it short.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&TokenEvent<'_>) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// The number of token requests that refusals may cause: `burst` at once, then one per
    /// `interval`. Default: 5, then one per 10 s. A `burst` of 0 allows none.
    ///
    /// Without it, a missing permission that a vendor reports as 401 would cause a token request
    /// for every request.
    #[must_use]
    pub fn refusal_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.pacing().refusals = Rate { burst, interval };
        self
    }

    /// The number of token requests for any reason: `burst` at once, then one per `interval`.
    /// Default: 10, then one per second. A `burst` of 0 counts as 1.
    ///
    /// Each of several [`attempts`](Self::attempts) counts. [`Bearer::refresh`] is not limited,
    /// because the program asks for it. Over the limit, a request fails with the last failure or
    /// with [`TokenRequestProblem::Throttled`](crate::TokenRequestProblem::Throttled), and a
    /// refusal is delivered.
    #[must_use]
    pub fn refresh_limit(mut self, burst: u32, interval: Duration) -> Self {
        let burst = burst.max(1);
        self.pacing().token_requests = Rate { burst, interval };
        self
    }

    /// The clock for the expiry of tokens. Default: the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// The label in metrics and spans, a name without any secret in it. Default: `unlabelled`, or
    /// the host of a vendor of this crate.
    ///
    /// A process keeps its first 256 labels, those of protection spaces included; all others become
    /// `other`.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Builds the scheme.
    #[must_use]
    pub fn build(mut self) -> Bearer {
        if let Some(label) = &self.label {
            self.settings.label = Label::of(label);
        }
        let cache = Arc::new(TokenCache::new(self.source, self.settings));
        Bearer {
            cache,
            refresh_on: self.refresh_on,
            refresh_when: self.refresh_when,
        }
    }
}
