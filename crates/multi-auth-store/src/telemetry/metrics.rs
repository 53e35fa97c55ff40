//! Counters and histograms through the crate `metrics`.

use std::sync::Once;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

const COUNTERS: [(&str, &str); 3] = [
    (
        "multi_auth_store_tokens_total",
        "Tokens that a process did not have, by where they came from",
    ),
    (
        "multi_auth_store_takeovers_total",
        "Leases taken after another process ended its lease without storing a token",
    ),
    (
        "multi_auth_store_failures_total",
        "Token requests for which the token store could not be used",
    ),
];
const WAIT: &str = "multi_auth_store_lease_wait_seconds";

/// Counts one event.
pub(super) fn count(name: &'static str, vendor: &str, label: Option<(&'static str, &'static str)>) {
    describe();
    let vendor = vendor.to_owned();
    match label {
        Some((label, value)) => counter!(name, "vendor" => vendor, label => value).increment(1),
        None => counter!(name, "vendor" => vendor).increment(1),
    }
}

/// Records a wait for the lease of another process.
pub(super) fn waited(vendor: &str, waited: Duration) {
    describe();
    histogram!(WAIT, "vendor" => vendor.to_owned()).record(waited);
}

fn describe() {
    static DESCRIBED: Once = Once::new();
    DESCRIBED.call_once(|| {
        for (name, text) in COUNTERS {
            describe_counter!(name, text);
        }
        describe_histogram!(
            WAIT,
            Unit::Seconds,
            "Waits for the lease of another process"
        );
    });
}
