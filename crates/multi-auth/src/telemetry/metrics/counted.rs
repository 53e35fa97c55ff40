//! Rare events, which ask the recorder when they happen.

use std::time::{Duration, SystemTime};

use metrics::{Gauge, counter, gauge, histogram};

use crate::telemetry::label::Label;
use crate::{AuthError, BindingProblem, NotReplayed, Reason, Rotation, TokenEvent};

/// A refusal is delivered.
#[cold]
pub(crate) fn refused(label: Label, why: NotReplayed) {
    count_refused(label, why.word());
}

/// A refusal becomes an error, because no newer token was available.
#[cold]
pub(crate) fn refresh_failed(label: Label) {
    count_refused(label, "refresh_failed");
}

fn count_refused(label: Label, why: &'static str) {
    counter!("multi_auth_refused_total", "vendor" => label.name(), "why" => why).increment(1);
}

/// A request was replayed; `again` says whether its credential was refused again.
#[cold]
pub(crate) fn replayed(label: Label, again: bool) {
    let outcome = if again { "refused" } else { "accepted" };
    counter!("multi_auth_replayed_total", "vendor" => label.name(), "outcome" => outcome)
        .increment(1);
}

/// A request without a binding is sent unchanged, or refused.
#[cold]
pub(crate) fn blocked(outcome: &Result<(), AuthError>) {
    count_blocked(match outcome {
        Ok(()) => "unbound",
        Err(AuthError::Unbound {
            problem: BindingProblem::UnknownAccount { .. },
            ..
        }) => "unknown_account",
        Err(AuthError::Unbound {
            problem: BindingProblem::AccountRequired,
            ..
        }) => "account_required",
        Err(_) => "unbound_refused",
    });
}

/// A redirect to a bound origin gets no credential.
#[cold]
pub(crate) fn foreign_hop() {
    count_blocked("foreign_hop");
}

fn count_blocked(why: &'static str) {
    counter!("multi_auth_blocked_total", "why" => why).increment(1);
}

/// An event of the token with the label `label`.
pub(crate) fn token_event(event: &TokenEvent<'_>, label: Label) {
    match event {
        TokenEvent::RefreshSucceeded { reason, took, .. } => {
            count_token_request(label, *reason, "success", *took);
        }
        TokenEvent::RefreshFailed {
            reason,
            error,
            took,
            ..
        } => count_token_request(label, *reason, error.label(), *took),
        TokenEvent::Denied { .. } => {
            counter!("multi_auth_denied_total", "vendor" => label.name()).increment(1);
        }
        TokenEvent::Acquired { .. }
        | TokenEvent::RefreshStarted { .. }
        | TokenEvent::Refused { .. } => {}
    }
}

fn count_token_request(label: Label, reason: Reason, outcome: &'static str, took: Duration) {
    let vendor = label.name();
    counter!(
        "multi_auth_token_refreshes_total",
        "vendor" => vendor, "reason" => reason.label(), "outcome" => outcome
    )
    .increment(1);
    histogram!("multi_auth_token_refresh_seconds", "vendor" => vendor, "outcome" => outcome)
        .record(took);
}

/// A stale token was served.
#[cold]
pub(crate) fn stale(label: Label) {
    counter!("multi_auth_stale_total", "vendor" => label.name()).increment(1);
}

/// A newer token is used until `end`; infinite without an expiry.
pub(crate) fn token_expiry(label: Label, expiry: Option<SystemTime>) {
    let seconds = |expiry: SystemTime| {
        let since = expiry.duration_since(SystemTime::UNIX_EPOCH);
        since.unwrap_or_default().as_secs_f64()
    };
    gauge!("multi_auth_token_expiry_timestamp_seconds", "vendor" => label.name())
        .set(expiry.map_or(f64::INFINITY, seconds));
}

/// A rotation has reached this state.
#[cold]
pub(crate) fn rotated(label: Label, rotation: Rotation) {
    let outcome = match rotation {
        Rotation::OnTrial => "on_trial",
        Rotation::Settled => "accepted",
        Rotation::Refused => "refused",
    };
    counter!("multi_auth_key_rotations_total", "vendor" => label.name(), "outcome" => outcome)
        .increment(1);
}

/// Counts a caller that waits for a token request, until it is dropped.
pub(crate) struct Waiting(Gauge);

impl Waiting {
    pub(crate) fn begin(label: Label) -> Self {
        let gauge = gauge!("multi_auth_waiting", "vendor" => label.name());
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
