//! Serves an expired token, if the user chose so and no newer one is available in time.

use std::sync::Arc;

use super::cached_token::CachedToken;
use super::{Flight, TokenCache, can_spawn, within};
use crate::telemetry::metrics;
use crate::{AuthError, Credential, OnExpired, Provenance, TokenEvent};

impl TokenCache {
    /// Waits for the token request, but no longer than `stale_after` if a stale token may be
    /// served.
    pub(super) async fn wait_or_serve_stale(
        self: &Arc<Self>,
        flight: Flight,
    ) -> Result<Credential, AuthError> {
        if self.stale_entry().is_none() || !can_spawn() {
            return self.wait_for(flight).await;
        }
        let left = flight.patience_left(self.settings.pacing.stale_after);
        if !left.is_zero()
            && let Some(outcome) = within(left, self.wait_for(flight.clone())).await
        {
            return outcome;
        }
        if flight.is_overdue(self.settings.pacing.refresh_timeout) {
            // The next request starts another token request.
            self.abandon(&flight);
        }
        match self.stale_entry() {
            Some(entry) => Ok(self.serve_stale(&entry)),
            // It was refused in the meantime.
            None => self.wait_for(flight).await,
        }
    }

    /// The expired token in place of `error`, if the user chose so.
    pub(super) fn stale(&self, error: AuthError) -> Result<Credential, AuthError> {
        let Some(entry) = self.stale_entry() else {
            self.report(&TokenEvent::Denied { error: &error });
            return Err(error);
        };
        Ok(self.serve_stale(&entry))
    }

    fn stale_entry(&self) -> Option<Arc<CachedToken>> {
        match self.settings.on_expired {
            OnExpired::Fail => None,
            OnExpired::ServeStale => self.slot.load_full().or_else(|| self.state().stale.clone()),
        }
    }

    fn serve_stale(&self, entry: &CachedToken) -> Credential {
        self.report_acquired(entry.generation(), Provenance::Stale);
        metrics::stale(self.settings.label);
        entry.credential()
    }
}
