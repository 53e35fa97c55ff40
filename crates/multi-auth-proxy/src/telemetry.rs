//! The metrics of the proxy.

use std::sync::OnceLock;

use http::StatusCode;
use metrics::{Counter, Histogram};

use crate::route::Route;

/// The classes of statuses, by their first digit.
const CLASSES: [&str; 6] = ["other", "1xx", "2xx", "3xx", "4xx", "5xx"];

fn class(status: StatusCode) -> usize {
    let class = usize::from(status.as_u16() / 100);
    if class < CLASSES.len() { class } else { 0 }
}

fn requests(caller: &str, vendor: &str, class: usize) -> Counter {
    let labels = [
        ("caller", caller.to_owned()),
        ("vendor", vendor.to_owned()),
        ("status", CLASSES[class].to_owned()),
    ];
    metrics::counter!("multi_auth_proxy_requests_total", &labels)
}

/// The counters of one caller, for each vendor. Each is looked up once.
#[derive(Debug)]
pub(crate) struct CallerMetrics {
    caller: String,
    counters: Vec<[OnceLock<Counter>; CLASSES.len()]>,
}

impl CallerMetrics {
    pub(crate) fn new(caller: &str, vendors: usize) -> Self {
        Self {
            caller: caller.to_owned(),
            counters: std::iter::repeat_with(Default::default)
                .take(vendors)
                .collect(),
        }
    }

    /// Counts a response to an admitted request.
    pub(crate) fn ended(&self, route: &Route, status: StatusCode) {
        let class = class(status);
        let counters = self.counters.get(route.index);
        if let Some(counter) = counters.and_then(|counters| counters.get(class)) {
            let counter = counter.get_or_init(|| requests(&self.caller, &route.name, class));
            counter.increment(1);
        }
    }
}

/// Counts a request that did not go to a vendor: one that was refused, or for a tunnel.
pub(crate) fn without_vendor([caller, vendor]: [&str; 2], status: StatusCode) {
    requests(caller, vendor, class(status)).increment(1);
}

/// The time to the head of a vendor's response.
pub(crate) fn seconds(vendor: &str) -> Histogram {
    metrics::histogram!("multi_auth_proxy_response_seconds", "vendor" => vendor.to_owned())
}

/// Counts a response in which the credential was replaced.
pub(crate) fn echoed() {
    metrics::counter!("multi_auth_proxy_echoes_total").increment(1);
    tracing::warn!(
        name: "multi_auth.proxy.echo",
        "a response held the credential of its request: it was replaced with asterisks"
    );
}

/// Reports a connection that ended with an error.
pub(crate) fn connection_failed(error: &(dyn std::error::Error + 'static)) {
    tracing::debug!(
        name: "multi_auth.proxy.connection_failed",
        %error,
        "a caller's connection ended with an error"
    );
}
