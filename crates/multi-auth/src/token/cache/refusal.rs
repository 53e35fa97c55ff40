//! Takes a token out of use: the vendor refused it, or the program invalidated or cleared it.

use super::{State, TokenCache};
use crate::{CredentialId, Reason, TokenEvent};

/// The result of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A newer token is available or can be obtained.
    Refreshable,
    /// Refusals have used up the refresh limit.
    Throttled,
}

impl TokenCache {
    /// Whether the request with the ID `id` carried a token of this cache.
    pub(crate) fn has_issued(&self, id: &CredentialId) -> bool {
        self.state().issued.has_any_of(id)
    }

    /// Records that the token of `id` was refused. The refusal of an older token changes nothing.
    pub(crate) fn refuse(&self, id: &CredentialId) -> Refusal {
        let mut state = self.state();
        // An invalidated token is not served once it is refused.
        state.stale.take_if(|stale| id.holds(stale.generation()));
        let current = self
            .slot
            .load_full()
            .filter(|entry| id.holds(entry.generation()));
        let Some(entry) = current else {
            return Refusal::Refreshable;
        };
        let (generation, now) = (entry.generation(), self.settings.clock.monotonic());
        let may_request = state
            .token_requests
            .wait(self.settings.pacing.token_requests, now)
            .is_none();
        let refreshable = may_request && state.refusals.take(self.settings.pacing.refusals, now);
        if refreshable {
            state.refused = Some(entry);
            state.absent_because = Reason::Refused;
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

    /// Invalidates the token, and that of the token request under way.
    pub(crate) fn invalidate(&self) {
        let mut state = self.state();
        state.flight = None;
        state.absent_because = Reason::Forced;
        state.stale = self.slot.swap(None).or_else(|| state.stale.take());
    }

    /// Forgets the token, that of the token request under way, and all failures, but not the number
    /// of token requests.
    pub(crate) fn clear(&self) {
        let mut state = self.state();
        *state = State {
            token_requests: std::mem::take(&mut state.token_requests),
            issued: std::mem::take(&mut state.issued),
            ..State::default()
        };
        self.slot.store(None);
    }
}
