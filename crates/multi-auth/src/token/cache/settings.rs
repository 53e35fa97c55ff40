//! What the owner of an cache may choose.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::backoff::Delays;
use super::rate_limiter::Rate;
use super::window::Window;
use crate::telemetry::label::Label;
use crate::{Clock, OnExpired, Placement, SystemClock, TokenEvent};

/// What is told of every event.
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
    pub(crate) refresh_timeout: Duration,
    /// How often the source is asked before a token request counts as failed.
    pub(crate) attempts: u32,
    pub(crate) window: Window,
    /// The longest that a token is taken to live.
    pub(crate) max_age: Option<Duration>,
    pub(crate) after_failure: Delays,
    pub(crate) after_refused_key: Delays,
    pub(crate) on_expired: OnExpired,
    /// How long a newer token is waited for before a stale one serves.
    pub(crate) stale_after: Duration,
    /// What people call it.
    pub(crate) label: Label,
    pub(crate) refusals: Rate,
    /// How many token requests there may be, whatever causes them.
    pub(crate) exchanges: Rate,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Option<Observer>,
}

impl Default for Settings {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            placement: Placement::bearer(),
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
            on_expired: OnExpired::Fail,
            stale_after: seconds(1),
            label: Label::default(),
            refusals: Rate {
                burst: 5,
                interval: seconds(10),
            },
            exchanges: Rate {
                burst: 10,
                interval: seconds(1),
            },
            clock: SystemClock::shared(),
            observer: None,
        }
    }
}
