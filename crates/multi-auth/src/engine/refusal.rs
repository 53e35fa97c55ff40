//! Takes a token out of use: refused by the vendor, put aside or forgotten by the program.

use super::{Engine, State};
use crate::{Lease, Reason, TokenEvent};

/// What comes of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A newer token is there or can be had.
    Renewable,
    /// Refusals have caused enough exchanges for now.
    Throttled,
}

impl Engine {
    /// Whether the request under `lease` carried a token of this engine.
    pub(crate) fn has_issued(&self, lease: &Lease) -> bool {
        self.state().issued.has_any_of(lease)
    }

    /// Takes note that the token under `lease` was refused. An older one says nothing new.
    pub(crate) fn refuse(&self, lease: &Lease) -> Refusal {
        let mut state = self.state();
        // What was put aside is not served once it is refused.
        state.stale.take_if(|stale| lease.holds(stale.generation()));
        let current = self
            .slot
            .load_full()
            .filter(|entry| lease.holds(entry.generation()));
        let Some(entry) = current else {
            return Refusal::Renewable;
        };
        let (generation, now) = (entry.generation(), self.settings.clock.monotonic());
        let may_exchange = state.exchanges.wait(self.settings.exchanges, now).is_none();
        let renewable = may_exchange && state.refusals.take(self.settings.refusals, now);
        if renewable {
            state.refused = Some(entry);
            state.absent = Reason::Refused;
            self.slot.store(None);
        }
        drop(state);
        self.tell(&TokenEvent::Refused {
            generation,
            renewable,
        });
        if renewable {
            Refusal::Renewable
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

    /// Forgets the token, the one that is on its way, and all that went wrong. How many exchanges
    /// there were is not forgotten.
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
