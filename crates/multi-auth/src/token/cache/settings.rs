//! The settings of a cache.

use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use super::backoff::Delays;
use super::rate_limiter::Rate;
use super::window::Window;
use crate::telemetry::label::Label;
use crate::{Clock, OnExpired, Placement, SystemClock, TokenEvent};

/// Receives every event.
#[derive(Clone)]
pub(crate) struct Observer(pub(crate) Arc<dyn Fn(&TokenEvent<'_>) + Send + Sync>);

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) placement: Placement,
    /// Shared by all caches with the default: it takes 208 bytes.
    pub(crate) pacing: Arc<Pacing>,
    pub(crate) on_expired: OnExpired,
    /// The name in metrics and spans.
    pub(crate) label: Label,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Option<Observer>,
}

/// When tokens are refreshed, and how often the source is asked.
#[derive(Clone, Debug)]
pub(crate) struct Pacing {
    pub(crate) refresh_timeout: Duration,
    /// The number of attempts before a token request counts as failed.
    pub(crate) attempts: u32,
    pub(crate) window: Window,
    /// The longest lifetime of a token.
    pub(crate) max_age: Option<Duration>,
    pub(crate) after_failure: Delays,
    pub(crate) after_refused_key: Delays,
    /// How long a request waits for a newer token before it gets a stale one.
    pub(crate) stale_after: Duration,
    pub(crate) refusals: Rate,
    /// The limit of token requests for any reason.
    pub(crate) token_requests: Rate,
}

impl Default for Settings {
    fn default() -> Self {
        static SHARED: LazyLock<Arc<Pacing>> = LazyLock::new(Arc::default);
        Self {
            placement: Placement::bearer(),
            pacing: Arc::clone(&SHARED),
            on_expired: OnExpired::Fail,
            label: Label::default(),
            clock: SystemClock::shared(),
            observer: None,
        }
    }
}

impl Default for Pacing {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            refresh_timeout: seconds(30),
            attempts: 1,
            window: Window::default(),
            max_age: None,
            after_failure: Delays {
                first: seconds(1),
                longest: seconds(60),
            },
            after_refused_key: Delays {
                first: seconds(5),
                longest: seconds(300),
            },
            stale_after: seconds(1),
            refusals: Rate {
                burst: 5,
                interval: seconds(10),
            },
            token_requests: Rate {
                burst: 10,
                interval: seconds(1),
            },
        }
    }
}
