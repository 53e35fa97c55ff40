//! Settings of a [`Bearer`].

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::Bearer;
use super::base_url::{BaseUrls, BearerWithBaseUrl, CheckedSource};
use crate::telemetry::label::Label;
use crate::token::cache::{Delays, Observer, Pacing, Rate, Settings, TokenCache};
use crate::{AuthError, Clock, Placement, ResponseHead, TokenEvent, TokenInvalidator, TokenSource};

pub(super) type Statuses = Arc<[StatusCode]>;

/// A predicate on a response.
#[derive(Clone)]
pub(super) struct Predicate(pub(super) Arc<dyn Fn(&ResponseHead<'_>) -> bool + Send + Sync>);

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

/// What to do with an expired token if no newer one is available.
///
/// ```
/// use multi_auth::{Bearer, OnExpired, Token, source_fn};
///
/// let bearer = Bearer::builder(source_fn(|| async { Ok(Token::new("t-123")) }))
///     .on_expired(OnExpired::ServeStale)
///     .build();
/// ```
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
    forbidden_when: Option<Predicate>,
    reads_responses: bool,
    label: Option<String>,
}

/// A hundred years: longer than any program runs, and short enough to add to any time.
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
            forbidden_when: None,
            reads_responses: false,
            label: None,
        }
    }

    fn pacing(&mut self) -> &mut Pacing {
        Arc::make_mut(&mut self.settings.pacing)
    }

    /// Wraps the token source, for example in one that shares its tokens with other processes.
    ///
    /// ```
    /// use multi_auth::{AuthError, Bearer, Immuta, Transport};
    ///
    /// # fn main() {}
    /// # fn bearer(key: String, transport: impl Transport + 'static) -> Result<Bearer, AuthError> {
    /// let immuta = Immuta::new("https://immuta.example.com")?;
    /// let builder = immuta.bearer_builder(key, transport)?;
    /// let bearer = builder.map_source(|source| source /* account.sharing(source) */).build();
    /// # Ok(bearer)
    /// # }
    /// ```
    #[must_use]
    pub fn map_source<S: TokenSource + 'static>(
        mut self,
        wrap: impl FnOnce(Arc<dyn TokenSource>) -> S,
    ) -> Self {
        self.source = Arc::new(wrap(self.source));
        self
    }

    /// Where requests carry the token. Default: [`Placement::bearer`].
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.settings.placement = placement;
        self
    }

    /// The statuses that mean that the token is no longer valid. Default: 401. An empty list turns
    /// off refresh after a refusal.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if a status is not between 400 and 499.
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

    /// A predicate that decides, in addition to the statuses, whether a response means that the
    /// token is no longer valid. For vendors that report it in a header field. Replaces an earlier
    /// one.
    #[must_use]
    pub fn refresh_when(
        mut self,
        means_invalid: impl Fn(&ResponseHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.refresh_when = Some(Predicate(Arc::new(means_invalid)));
        self
    }

    /// As [`refresh_when`](Self::refresh_when), for a predicate that reads the JSON body with
    /// [`json_text`](ResponseHead::json_text). Some vendors report an expired token only there, and
    /// with status 200.
    ///
    /// For such a `Bearer`, the adapter reads a JSON body before it delivers the response: at most
    /// 64 KiB, and not if it has a content coding. A body that arrives slowly delays its response.
    /// An adapter that cannot read bodies fails the request before it is sent.
    ///
    /// ```
    /// use multi_auth::{Bearer, Token, source_fn};
    ///
    /// let bearer = Bearer::builder(source_fn(|| async { Ok(Token::new("t-123")) }))
    ///     .refresh_when_json(|response| response.json_text("/error").as_deref() == Some("token_expired"))
    ///     .build();
    /// ```
    #[must_use]
    pub fn refresh_when_json(
        mut self,
        means_invalid: impl Fn(&ResponseHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.reads_responses = true;
        self.refresh_when(means_invalid)
    }

    /// A predicate that decides whether a refusal means that the token lacks a permission. Such a
    /// response is delivered, and the token stays valid. Replaces an earlier one.
    ///
    /// The challenge `insufficient_scope` (RFC 6750, 3.1) always means this.
    #[must_use]
    pub fn forbidden_when(
        mut self,
        lacks_permission: impl Fn(&ResponseHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.forbidden_when = Some(Predicate(Arc::new(lacks_permission)));
        self
    }

    /// As [`forbidden_when`](Self::forbidden_when), for a predicate that reads the JSON body, as
    /// [`refresh_when_json`](Self::refresh_when_json) does.
    #[must_use]
    pub fn forbidden_when_json(
        mut self,
        lacks_permission: impl Fn(&ResponseHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.reads_responses = true;
        self.forbidden_when(lacks_permission)
    }

    /// The time limit of a token request. Default: 30 s. Transports have their own limit; the
    /// shorter one applies.
    #[must_use]
    pub fn refresh_timeout(mut self, limit: Duration) -> Self {
        self.pacing().refresh_timeout = limit;
        self
    }

    /// The number of attempts before a token request counts as failed. Default: 1, so that waiting
    /// requests fail at once.
    ///
    /// Only transient failures are retried, with the delays of [`backoff`](Self::backoff). All
    /// attempts share the time limit of the token request.
    #[must_use]
    pub fn attempts(mut self, attempts: NonZeroU32) -> Self {
        self.pacing().attempts = attempts.get();
        self
    }

    /// How long before its expiry a token is refreshed in the background, at most half its
    /// lifetime.
    ///
    /// The default depends on the lifetime: 5 min for lifetimes up to 20 min, 15 min for lifetimes
    /// up to 90 min, and 60 min for longer ones.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.pacing().window.fixed = Some(window);
        self
    }

    /// The part of the window that is random, from 0.0 to 1.0. Default: 0.5.
    ///
    /// It is drawn once per token, so that many instances do not refresh at the same time.
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        self.pacing().window.jitter = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self
    }

    /// How long before its expiry a token is no longer used, at most half its lifetime. Default: 10
    /// s, or a tenth of the lifetime if that is less.
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Self {
        self.pacing().window.margin = Some(margin);
        self
    }

    /// The longest lifetime of a token, which also applies to a token without one. Default: the
    /// lifetime that the issuer states, or none.
    ///
    /// With zero, only requests that wait at the same time share a token. Each later request makes
    /// a token request, as often as [`refresh_limit`](Self::refresh_limit) allows.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.pacing().max_age = Some(age);
        self
    }

    /// The delays after failed token requests. Default: 1 s to 60 s.
    ///
    /// They double from `first` to `longest`, and each is randomly shortened by up to half. A
    /// `Retry-After` of the vendor takes precedence. If the token expires during a delay, one token
    /// request is allowed.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pacing().after_failure = delays(first, longest);
        self
    }

    /// The delays while the vendor refuses the key, so that the vendor does not lock the account.
    /// Default: 5 s to 5 min.
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
    /// [`OnExpired::ServeStale`]. Default: 1 s. With zero, it does not wait.
    ///
    /// The time counts from the start of the token request. The token request continues, and until
    /// it ends, later requests get the stale token at once.
    #[must_use]
    pub fn stale_after(mut self, patience: Duration) -> Self {
        self.pacing().stale_after = patience;
        self
    }

    /// A function that is called for every event, synchronously: keep it short.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&TokenEvent<'_>) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// The number of token requests that refusals may cause: `burst` at once, then one per
    /// `interval`. Default: 5, then one per 10 s. A `burst` of 0 allows none.
    ///
    /// Without this limit, a missing permission that a vendor reports as 401 would cause a token
    /// request for every request.
    #[must_use]
    pub fn refusal_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.pacing().refusal_limit = Rate { burst, interval };
        self
    }

    /// The number of token requests for any reason: `burst` at once, then one per `interval`.
    /// Default: 10, then one per second. A `burst` of 0 counts as 1.
    ///
    /// Each of several [`attempts`](Self::attempts) counts. [`Bearer::refresh`] is not limited,
    /// because the program asks for it. Above the limit, a request without a token fails with the
    /// last failure or with
    /// [`TokenRequestProblem::Throttled`](crate::TokenRequestProblem::Throttled), and a refused
    /// request gets the vendor's response.
    #[must_use]
    pub fn refresh_limit(mut self, burst: u32, interval: Duration) -> Self {
        let burst = burst.max(1);
        self.pacing().refresh_limit = Rate { burst, interval };
        self
    }

    /// The clock for the expiry of tokens. Default: [`SystemClock`](crate::SystemClock).
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// The label in metrics and spans, a name without any secret. Default: `unlabelled`, or the
    /// host for a vendor of this crate.
    ///
    /// A process keeps its first 256 labels, those of protection spaces included. All others become
    /// `other`.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Builds a `Bearer` for a vendor whose token response names the base URL of requests, such as
    /// the `instance_url` of Salesforce. `part` is the [part](crate::Token::part) of the token that
    /// holds it, and `allowed` are the base URLs that are accepted.
    #[must_use]
    pub fn build_with_base_url(mut self, part: &str, allowed: BaseUrls) -> BearerWithBaseUrl {
        self.source = Arc::new(CheckedSource::new(self.source, part, allowed.clone()));
        BearerWithBaseUrl::new(self.build(), part, allowed)
    }

    /// Builds the `Bearer`.
    #[must_use]
    pub fn build(mut self) -> Bearer {
        if let Some(label) = &self.label {
            self.settings.label = Label::of(label);
        }
        let source = Arc::clone(&self.source);
        let cache = Arc::new(TokenCache::new(self.source, self.settings));
        source.watch_refusals(TokenInvalidator::new(Arc::downgrade(&cache)));
        Bearer {
            cache,
            refresh_on: self.refresh_on,
            refresh_when: self.refresh_when,
            forbidden_when: self.forbidden_when,
            reads_responses: self.reads_responses,
        }
    }
}
