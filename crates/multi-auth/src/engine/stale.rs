//! Serves a token that has ended, by choice: where no newer one can be had, or where it takes too long.

use std::sync::Arc;

use super::entry::Entry;
use super::{Engine, Flight, can_spawn, within};
use crate::{AuthError, Credential, OnExpired, Provenance, TokenEvent, metrics};

impl Engine {
    /// Waits for the exchange, but no longer than its patience lasts where a stale token may serve.
    pub(super) async fn fly_patiently(
        self: &Arc<Self>,
        flight: Flight,
    ) -> Result<Credential, AuthError> {
        if self.stale_entry().is_none() || !can_spawn() {
            return self.fly(flight).await;
        }
        let left = flight.patience_left(self.settings.stale_after);
        if !left.is_zero()
            && let Some(outcome) = within(left, self.fly(flight.clone())).await
        {
            return outcome;
        }
        if flight.is_overdue(self.settings.exchange_timeout) {
            // The next request starts another exchange.
            self.abandon(&flight);
        }
        match self.stale_entry() {
            Some(entry) => Ok(self.serve_stale(&entry)),
            // It was refused meanwhile.
            None => self.fly(flight).await,
        }
    }

    /// The token that has ended, by choice, where no newer one can be had.
    pub(super) fn stale(&self, error: AuthError) -> Result<Credential, AuthError> {
        let Some(entry) = self.stale_entry() else {
            self.tell(&TokenEvent::Denied { error: &error });
            return Err(error);
        };
        Ok(self.serve_stale(&entry))
    }

    fn stale_entry(&self) -> Option<Arc<Entry>> {
        match self.settings.on_expired {
            OnExpired::Fail => None,
            OnExpired::ServeStale => self.slot.load_full().or_else(|| self.state().stale.clone()),
        }
    }

    fn serve_stale(&self, entry: &Entry) -> Credential {
        self.tell_acquired(entry.generation(), Provenance::Stale);
        metrics::stale(self.settings.label);
        entry.credential()
    }
}
