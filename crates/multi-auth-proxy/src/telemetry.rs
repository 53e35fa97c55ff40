//! The metrics of the proxy.

use std::time::Duration;

/// Counts a request that has ended.
pub(crate) fn ended([caller, vendor]: [&str; 2], status: u16, latency: Duration) {
    let labels = [
        ("caller", caller.to_owned()),
        ("vendor", vendor.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::counter!("multi_auth_proxy_requests_total", &labels).increment(1);
    let labels = [("vendor", vendor.to_owned())];
    let seconds = latency.as_secs_f64();
    metrics::histogram!("multi_auth_proxy_response_seconds", &labels).record(seconds);
}

/// Counts a response in which the credential was replaced.
pub(crate) fn echoed() {
    metrics::counter!("multi_auth_proxy_echoes_total").increment(1);
    tracing::warn!(
        name: "multi_auth_proxy.echo",
        "a response held the credential of its request: it was replaced with asterisks"
    );
}
