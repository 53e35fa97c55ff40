//! Stops the use of a token: the vendor refused it, or the program invalidated or cleared it.

use secrecy::{ExposeSecret, SecretString};

use super::{State, TokenCache};
use crate::{CredentialId, Reason, TokenEvent};

/// The result of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A newer token is available or can be obtained.
    Refreshable,
    /// The limit for refusals is used up.
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
        // A stale token is no longer served once it is refused.
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
            .wait(self.settings.pacing.refresh_limit, now)
            .is_none();
        let refreshable =
            may_request && state.refusals.take(self.settings.pacing.refusal_limit, now);
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

    /// Discards `token` if it is the current one, because the vendor has refused it in another
    /// process. The limit for refusals holds.
    pub(crate) fn refused_elsewhere(&self, token: &SecretString) {
        let mut state = self.state();
        let current = self.slot.load_full().filter(|entry| {
            let current = entry.read(&self.settings.placement);
            current.is_some_and(|current| current.value().expose_secret() == token.expose_secret())
        });
        let Some(entry) = current else {
            return;
        };
        let (generation, now) = (entry.generation(), self.settings.clock.monotonic());
        if !state.refusals.take(self.settings.pacing.refusal_limit, now) {
            return;
        }
        state.refused = Some(entry);
        state.absent_because = Reason::Refused;
        self.slot.store(None);
        drop(state);
        self.report(&TokenEvent::Refused {
            generation,
            refreshable: true,
        });
    }

    /// Invalidates the token, and the token of the request under way.
    pub(crate) fn invalidate(&self) {
        let mut state = self.state();
        state.flight = None;
        state.absent_because = Reason::Forced;
        state.stale = self.slot.swap(None).or_else(|| state.stale.take());
    }

    /// Forgets the token, the token request under way and all failures, but not the rate limit.
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
