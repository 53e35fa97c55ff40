//! The description of each metric.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

const COUNTERS: [(&str, &str); 8] = [
    (
        "multi_auth_attached_total",
        "Credentials attached to a request",
    ),
    (
        "multi_auth_refused_total",
        "Refusals of a credential that were delivered to the caller",
    ),
    (
        "multi_auth_replayed_total",
        "Requests that were replayed with a newer credential",
    ),
    (
        "multi_auth_blocked_total",
        "Requests that got no credential, because none is bound to their target",
    ),
    ("multi_auth_token_refreshes_total", "Token requests"),
    ("multi_auth_stale_total", "Expired tokens that were sent"),
    ("multi_auth_denied_total", "Callers that got no token"),
    (
        "multi_auth_key_rotations_total",
        "State changes of key rotations",
    ),
];

/// Registers all descriptions with the recorder.
pub(super) fn describe() {
    for (name, text) in COUNTERS {
        describe_counter!(name, Unit::Count, text);
    }
    describe_histogram!(
        "multi_auth_token_refresh_seconds",
        Unit::Seconds,
        "Duration of token requests"
    );
    describe_gauge!(
        "multi_auth_waiting",
        Unit::Count,
        "Callers that wait for a token request"
    );
    describe_gauge!(
        "multi_auth_token_expiry_timestamp_seconds",
        Unit::Seconds,
        "Unix time of the newest token's expiry"
    );
}
