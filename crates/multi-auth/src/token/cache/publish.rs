//! Processes the outcome of a token request: publishes the token, or records the failure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cached_token::CachedToken;
use super::catch_panic::catch_panic;
use super::state::{Last, State};
use super::{Flight, TokenCache, is_interruption};
use crate::telemetry::metrics;
use crate::{AuthError, Credential, Generation, Reason, TokenEvent};

/// A token request that has ended.
pub(super) struct Finished<'f> {
    pub(super) flight: &'f Flight,
    pub(super) reason: Reason,
    pub(super) started: Instant,
    pub(super) ended: Instant,
}

impl TokenCache {
    /// Processes the outcome of a token request before the waiting callers get it.
    pub(super) fn finish(
        &self,
        finished: &Finished<'_>,
        outcome: Result<CachedToken, AuthError>,
    ) -> Result<Credential, AuthError> {
        let (credential, retry_in) = self.apply(finished, outcome);
        // A panic in an observer must not lose the outcome for the waiting callers.
        let _ = catch_panic(|| self.report_finished(finished, &credential, retry_in));
        credential
    }

    fn report_finished(
        &self,
        finished: &Finished<'_>,
        outcome: &Result<Credential, AuthError>,
        retry_in: Option<Duration>,
    ) {
        let reason = finished.reason;
        let took = finished.ended.saturating_duration_since(finished.started);
        match outcome {
            Ok(credential) => {
                let generation = credential.id().generation();
                if let Some(generation) = generation {
                    self.report_expiry(generation);
                    self.report(&TokenEvent::RefreshSucceeded {
                        reason,
                        generation,
                        took,
                    });
                }
            }
            // Not a failure of the vendor: a waiting caller starts another one.
            Err(error) if is_interruption(error) => {}
            Err(error) => {
                self.report(&TokenEvent::RefreshFailed {
                    reason,
                    error,
                    took,
                    retry_in,
                });
            }
        }
    }

    /// Reports the expiry of the token of `generation`, if it is the current one.
    fn report_expiry(&self, generation: Generation) {
        let slot = self.slot.load();
        if let Some(entry) = slot
            .as_ref()
            .filter(|entry| entry.generation() == generation)
        {
            metrics::token_expiry(self.settings.label, entry.expiry());
        }
    }

    fn apply(
        &self,
        finished: &Finished<'_>,
        outcome: Result<CachedToken, AuthError>,
    ) -> (Result<Credential, AuthError>, Option<Duration>) {
        let mut state = self.state();
        if !state.is_current(finished.flight) {
            if let Ok(entry) = &outcome {
                state.issued.add(entry.generation());
            }
            return (outcome.map(|entry| entry.credential()), None);
        }
        state.flight = None;
        let now = finished.ended;
        let error = outcome.as_ref().err().cloned().map(Box::new);
        state.last = Some(Last {
            reason: finished.reason,
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

    fn publish(&self, state: &mut State, mut entry: CachedToken) -> Credential {
        state.failures.clear();
        state.stale = None;
        match &state.refused {
            // The vendor returned the refused token again, which is not a newer generation.
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
