//! Takes the outcome of an exchange in: publishes the token, or remembers the failure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::entry::Entry;
use super::guarded::guarded;
use super::state::{Last, State};
use super::{Engine, Flight, is_interruption};
use crate::{AuthError, Credential, Generation, Reason, TokenEvent, metrics};

/// What the engine is told of an exchange that has ended.
pub(super) struct Landing<'f> {
    pub(super) flight: &'f Flight,
    pub(super) reason: Reason,
    pub(super) begun: Instant,
    pub(super) ended: Instant,
}

impl Engine {
    /// Takes an exchange's outcome in, before those who wait for it are told.
    pub(super) fn land(
        &self,
        landing: &Landing<'_>,
        outcome: Result<Entry, AuthError>,
    ) -> Result<Credential, AuthError> {
        let (credential, retry_in) = self.take_in(landing, outcome);
        // A panic in what listens does not take the outcome from those who wait.
        let _ = guarded(|| self.tell_landing(landing, &credential, retry_in));
        credential
    }

    fn tell_landing(
        &self,
        landing: &Landing<'_>,
        outcome: &Result<Credential, AuthError>,
        retry_in: Option<Duration>,
    ) {
        let reason = landing.reason;
        let took = landing.ended.saturating_duration_since(landing.begun);
        match outcome {
            Ok(credential) => {
                let generation = credential.lease().generation();
                if let Some(generation) = generation {
                    self.tell_end(generation);
                    self.tell(&TokenEvent::ExchangeSucceeded {
                        reason,
                        generation,
                        took,
                    });
                }
            }
            // Nobody's failure: whoever waits starts another.
            Err(error) if is_interruption(error) => {}
            Err(error) => {
                self.tell(&TokenEvent::ExchangeFailed {
                    reason,
                    error,
                    took,
                    retry_in,
                });
            }
        }
    }

    /// Tells the metrics when the token of `generation` ends, if it is the one that serves.
    fn tell_end(&self, generation: Generation) {
        let slot = self.slot.load();
        if let Some(entry) = slot
            .as_ref()
            .filter(|entry| entry.generation() == generation)
        {
            metrics::token_ends(self.settings.label, entry.end());
        }
    }

    fn take_in(
        &self,
        landing: &Landing<'_>,
        outcome: Result<Entry, AuthError>,
    ) -> (Result<Credential, AuthError>, Option<Duration>) {
        let mut state = self.state();
        if !state.is_flying(landing.flight) {
            if let Ok(entry) = &outcome {
                state.issued.add(entry.generation());
            }
            return (outcome.map(|entry| entry.credential()), None);
        }
        state.flight = None;
        let now = landing.ended;
        let error = outcome.as_ref().err().cloned().map(Box::new);
        state.last = Some(Last {
            reason: landing.reason,
            error,
            ended: now,
        });
        match outcome {
            Ok(entry) => (Ok(self.publish(&mut state, entry)), None),
            Err(error) => {
                state.failures.add(&error, &self.settings, now);
                let retry_in = state.failures.left(now);
                (Err(error), retry_in)
            }
        }
    }

    fn publish(&self, state: &mut State, mut entry: Entry) -> Credential {
        state.failures.clear();
        state.stale = None;
        match &state.refused {
            // The vendor gave out the refused token once more: that is no newer generation.
            Some(refused) if refused.is_same_token(&entry) => {
                entry = entry.of(refused.generation());
            }
            Some(_) | None => state.refused = None,
        }
        state.issued.add(entry.generation());
        let credential = entry.credential();
        self.slot.store(Some(Arc::new(entry)));
        credential
    }
}
