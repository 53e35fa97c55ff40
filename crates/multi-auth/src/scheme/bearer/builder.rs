//! The settings of a [`Bearer`].

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::Bearer;
use crate::engine::{Engine, Rate, Settings};
use crate::{AuthError, Clock, Placement, TokenSource};

pub(super) type Statuses = Arc<[StatusCode]>;

/// Settings for a [`Bearer`], from [`Bearer::builder`].
#[derive(Debug)]
pub struct BearerBuilder {
    source: Arc<dyn TokenSource>,
    settings: Settings,
    renew_on: Statuses,
}

impl BearerBuilder {
    pub(super) fn new(source: Arc<dyn TokenSource>) -> Self {
        let renew_on = Arc::new([StatusCode::UNAUTHORIZED]);
        Self {
            source,
            settings: Settings::default(),
            renew_on,
        }
    }

    /// Where the token stands, and in which form. Default: [`Placement::bearer`].
    #[must_use]
    pub fn placement(mut self, placement: Placement) -> Self {
        self.settings.placement = placement;
        self
    }

    /// The statuses that say that the token is spent, in place of 401. None at all switches
    /// renewal after a refusal off.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unsupported`] if one is not a 4xx.
    pub fn renew_on(
        mut self,
        statuses: impl IntoIterator<Item = StatusCode>,
    ) -> Result<Self, AuthError> {
        self.renew_on = statuses.into_iter().collect();
        if self.renew_on.iter().all(StatusCode::is_client_error) {
            return Ok(self);
        }
        Err(AuthError::Unsupported {
            what: "only a 4xx status can say that a token is spent",
        })
    }

    /// How long an exchange may take. Default: 30 s.
    #[must_use]
    pub fn exchange_timeout(mut self, limit: Duration) -> Self {
        self.settings.exchange_timeout = limit;
        self
    }

    /// How many exchanges refusals may cause: `burst` at once, then one per `interval`. Default: 5,
    /// then one per 10 s.
    ///
    /// It keeps a permission problem that a vendor reports as 401 from causing an exchange for
    /// every request.
    #[must_use]
    pub fn refusal_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.settings.refusals = Rate { burst, interval };
        self
    }

    /// The clock by which tokens age. Default: the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }

    /// The scheme with these settings.
    #[must_use]
    pub fn build(self) -> Bearer {
        let placement = self.settings.placement.clone();
        let engine = Arc::new(Engine::new(self.source, self.settings));
        Bearer {
            engine,
            placement,
            renew_on: self.renew_on,
        }
    }
}
