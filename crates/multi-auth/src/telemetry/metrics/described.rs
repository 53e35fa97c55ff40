//! What the recorder tells people of each metric.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

const COUNTERS: [(&str, &str); 8] = [
    (
        "multi_auth_attached_total",
        "Credentials that were put on a request",
    ),
    (
        "multi_auth_refused_total",
        "Refusals of a credential that reached the caller",
    ),
    (
        "multi_auth_replayed_total",
        "Requests that were sent once more with a newer credential",
    ),
    (
        "multi_auth_blocked_total",
        "Requests that got no credential, for none is bound to where they go",
    ),
    (
        "multi_auth_token_refreshes_total",
        "Exchanges of a key for a token",
    ),
    (
        "multi_auth_stale_total",
        "Tokens that were sent though they had ended",
    ),
    ("multi_auth_denied_total", "Callers that got no token"),
    (
        "multi_auth_key_rotations_total",
        "Steps of the replacement of a key",
    ),
];

/// Tells the recorder of all of them.
pub(super) fn describe() {
    for (name, text) in COUNTERS {
        describe_counter!(name, Unit::Count, text);
    }
    describe_histogram!(
        "multi_auth_token_refresh_seconds",
        Unit::Seconds,
        "How long exchanges took"
    );
    describe_gauge!(
        "multi_auth_waiting",
        Unit::Count,
        "Callers that wait for an exchange now"
    );
    describe_gauge!(
        "multi_auth_token_expiry_timestamp_seconds",
        Unit::Seconds,
        "Unix time until which the newest token is used"
    );
}
