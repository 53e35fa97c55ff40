//! Tells what happens and how things stand.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::entry::Age;
use super::{Engine, Observer};
use crate::{Generation, LastExchange, Provenance, TokenEvent, TokenSnapshot, TokenState};

impl Engine {
    pub(crate) fn snapshot(&self) -> TokenSnapshot {
        let clock = &*self.settings.clock;
        let state = self.state();
        let (slot, now) = (self.slot.load_full(), clock.monotonic());
        TokenSnapshot {
            state: match slot.as_ref().map(|entry| entry.age(clock)) {
                None => TokenState::Absent,
                Some(Age::Fresh) => TokenState::Fresh,
                Some(Age::InWindow) => TokenState::InWindow,
                Some(Age::Ended) => TokenState::Expired,
            },
            generation: slot.as_ref().map(|entry| entry.generation()),
            remaining: slot.as_ref().and_then(|entry| entry.remaining(clock)),
            exchanging: state.flight.is_some(),
            retry_in: state.failures.left(now),
            last_exchange: state.last.as_ref().map(|last| LastExchange {
                reason: last.reason,
                error: last.error.as_deref().cloned(),
                ago: now.saturating_duration_since(last.ended),
            }),
        }
    }

    pub(super) fn tell_acquired(&self, generation: Generation, from: Provenance) {
        self.tell(&TokenEvent::Acquired { generation, from });
    }

    /// Tells the log and the observer. An observer that panics harms nobody but itself.
    pub(super) fn tell(&self, event: &TokenEvent<'_>) {
        event.trace();
        let Some(Observer(observer)) = &self.settings.observer else {
            return;
        };
        if catch_unwind(AssertUnwindSafe(|| observer(event))).is_err() {
            tracing::warn!("the observer of a token's events panicked");
        }
    }
}
