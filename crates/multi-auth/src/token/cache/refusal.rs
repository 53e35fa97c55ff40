//! Takes a token out of use: refused by the vendor, put aside or forgotten by the program.

use super::{State, TokenCache};
use crate::{CredentialId, Reason, TokenEvent};

/// What comes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A newer token is there or can be had.
    Refreshable,
    /// Refusals have caused enough token requests for now.
    Throttled,
}

impl TokenCache {
    /// Whether the request under `id` carried a token of this cache.
    pub(crate) fn has_issued(&self, id: &CredentialId) -> bool {
        self.state().issued.has_any_of(id)
    }

    /// Takes note that the token under `id` was refused. An older one says nothing new.
    pub(crate) fn refuse(&self, id: &CredentialId) -> Refusal {
        let mut state = self.state();
        // What was put aside is not served once it is refused.
        state.stale.take_if(|stale| id.holds(stale.generation()));
        let current = self
            .slot
            .load_full()
            .filter(|entry| id.holds(entry.generation()));
        let Some(entry) = current else {
            return Refusal::Refreshable;
        };
        let (generation, now) = (entry.generation(), self.settings.clock.monotonic());
        let may_exchange = state
            .exchanges
            .wait(self.settings.pacing.exchanges, now)
            .is_none();
        let refreshable = may_exchange && state.refusals.take(self.settings.pacing.refusals, now);
        if refreshable {
            state.refused = Some(entry);
            state.absent = Reason::Refused;
            self.slot.store(None);
        }
        drop(state);
        self.report(&TokenEvent::Refused {
            generation,
            refreshable,
        });
        if refreshable {
            Refusal::Refreshable
        } else {
            Refusal::Throttled
        }
    }

    /// Puts the token aside, and the one that is on its way.
    pub(crate) fn invalidate(&self) {
        let mut state = self.state();
        state.flight = None;
        state.absent = Reason::Forced;
        state.stale = self.slot.swap(None).or_else(|| state.stale.take());
    }

    /// Forgets the token, the one that is on its way, and all that went wrong. How many token
    /// requests there were is not forgotten.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        *state = State {
            exchanges: std::mem::take(&mut state.exchanges),
            issued: std::mem::take(&mut state.issued),
            ..State::default()
        };
        self.slot.store(None);
    }
}
