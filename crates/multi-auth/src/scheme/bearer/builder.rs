//! The settings of a [`Bearer`].

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

/// Says of an answer whether the token is spent.
#[derive(Clone)]
pub(super) struct Predicate(pub(super) Arc<dyn Fn(&ResponseHead<'_>) -> bool + Send + Sync>);

impl fmt::Debug for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate")
    }
}

/// What to do when a token has ended and no newer one can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnExpired {
    /// Fail the request, with the reason.
    #[default]
    Fail,
    /// Send the token that has ended: some vendors are generous. A token that was given up
    /// after a refusal is not.
    ServeStale,
}

/// Settings for a [`Bearer`], from [`Bearer::builder`].
#[derive(Debug)]
pub struct BearerBuilder {
    source: Arc<dyn TokenSource>,
    settings: Settings,
    refresh_on: Statuses,
    refresh_when: Option<Predicate>,
    label: Option<String>,
}

/// Longer than any program runs, and short enough to be added to any moment.
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

    /// Where the token stands, and in which form. Default: [`Placement::bearer`].
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.settings.placement = placement;
        self
    }

    /// The statuses that say that the token is spent, in place of 401. None at all switches
    /// refresh after a refusal off.
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
            "only a 4xx status can say that a token is spent",
            "give statuses from 400 to 499",
        ))
    }

    /// What else says that the token is spent: for vendors that say so in another status, or in a
    /// header field.
    #[must_use]
    pub fn refresh_when(
        mut self,
        says_spent: impl Fn(&ResponseHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.refresh_when = Some(Predicate(Arc::new(says_spent)));
        self
    }

    /// How long a token request may take. Default: 30 s. The transports have a limit of their own,
    /// and the shorter one counts.
    #[must_use]
    pub fn refresh_timeout(mut self, limit: Duration) -> Self {
        self.pacing().refresh_timeout = limit;
        self
    }

    /// How often the source is asked before a token request counts as failed, within its time limit
    /// and with the pauses of [`backoff`](Self::backoff) in between; only failures that may pass
    /// are tried again. Default: once, so that those who wait learn of a failure at once.
    #[must_use]
    pub fn attempts(mut self, attempts: NonZeroU32) -> Self {
        self.pacing().attempts = attempts.get();
        self
    }

    /// How long before its end a token is refreshed while it is still used. Default, by lifetime:
    /// up to 20 min: 5 min; up to 90 min: 15 min; longer: 60 min. Never more than half the
    /// lifetime.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.pacing().window.fixed = Some(window);
        self
    }

    /// The part of the window by which chance may shorten it, drawn once for each token, so that
    /// many instances do not refresh in one moment. From 0.0 to 1.0; default: 0.5.
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        self.pacing().window.jitter = if part.is_nan() {
            0.0
        } else {
            part.clamp(0.0, 1.0)
        };
        self
    }

    /// How long before its end a token is no longer used. Default: 10 s, or a tenth of its lifetime
    /// if that is less. Never more than half the lifetime.
    #[must_use]
    pub fn margin(mut self, margin: Duration) -> Self {
        self.pacing().window.margin = Some(margin);
        self
    }

    /// The longest that a token is taken to live, whatever its issuer says; one that comes without
    /// a lifetime has this one. Default: it lives as long as its issuer says, or until it is
    /// refused.
    ///
    /// With zero, requests share a token only while they wait for it: each later one asks the
    /// source, as often as [`refresh_limit`](Self::refresh_limit) allows.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.pacing().max_age = Some(age);
        self
    }

    /// The delays between token requests while they fail: `first`, doubling to `longest`, each
    /// shortened by chance by half at most. Default: 1 s to 60 s. A vendor's `Retry-After` goes
    /// before it. The expiry of a token allows one token request within a delay.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pacing().after_failure = delays(first, longest);
        self
    }

    /// The same while the vendor refuses the key, so that no account gets locked. Default: 5 s to
    /// 5 min.
    #[must_use]
    pub fn refused_key_backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.pacing().after_refused_key = delays(first, longest);
        self
    }

    /// What to do when a token has ended and no newer one can be had. Default: fail.
    #[must_use]
    pub fn on_expired(mut self, choice: OnExpired) -> Self {
        self.settings.on_expired = choice;
        self
    }

    /// How long a request waits for a newer token before it gets a stale one, where
    /// [`OnExpired::ServeStale`] is chosen. Default: 1 s. Zero serves it at once.
    ///
    /// It counts from when the token request began, and the token request goes on: later requests
    /// get the stale token at once until it is done.
    #[must_use]
    pub fn stale_after(mut self, patience: Duration) -> Self {
        self.pacing().stale_after = patience;
        self
    }

    /// Who is told of every event, synchronously: keep it short.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&TokenEvent<'_>) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// How many token requests refusals may cause: `burst` at once, then one per `interval`.
    /// Default: 5, then one per 10 s. A `burst` of 0 allows none.
    ///
    /// It keeps a permission problem that a vendor reports as 401 from causing a token request for
    /// every request.
    #[must_use]
    pub fn refusal_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.pacing().refusals = Rate { burst, interval };
        self
    }

    /// How many token requests there may be, whatever causes them: `burst` at once, then one per
    /// `interval`. Default: 10, then one per second. A `burst` of 0 counts as 1.
    ///
    /// It holds after a success, a failure and a refusal alike, and each of several
    /// [`attempts`](Self::attempts) counts. Only [`Bearer::refresh`] is not held up: the program asks
    /// for that token request itself. Where none is allowed, a request fails with the last failure,
    /// or with
    /// [`TokenRequestProblem::Throttled`](crate::TokenRequestProblem::Throttled), and a refusal is delivered.
    #[must_use]
    pub fn refresh_limit(mut self, burst: u32, interval: Duration) -> Self {
        let burst = burst.max(1);
        self.pacing().exchanges = Rate { burst, interval };
        self
    }

    /// The clock by which tokens age. Default: the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Its label in metrics and spans, a name without any secret in it. Default: `unlabelled`, or
    /// the host of a vendor that this crate knows.
    ///
    /// The first 256 labels of a process are kept, those of protection spaces among them; all
    /// further ones count as `other`.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The scheme with these settings.
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
