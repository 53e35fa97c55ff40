//! The results as tables in Markdown.

use std::fmt::Write;

use super::Time;
use super::metrics::Metrics;
use super::scenario::{Fault, Scenario};

/// The results by name.
type Results<'r> = &'r [(&'r str, Metrics)];

/// A row for each result of `scenario` without faults. The first lifetime does not count.
///
/// Peak/mean relates the busiest window of three quarters of a lifetime to the average one. After
/// that time, the first instance refreshes a token.
#[must_use]
pub fn steady(scenario: &Scenario, results: Results<'_>) -> String {
    let mut table = String::from(
        "| variant | token requests | mean per minute | busiest minute | peak/mean | over the limit \
         | failed requests | store calls per second |\n|---|---|---|---|---|---|---|---|\n",
    );
    for (name, metrics) in results {
        let span = metrics.between(scenario.lifetime, scenario.length);
        let _ = writeln!(
            table,
            "| {name} | {} | {:.2} | {} | {:.2} | {} | {} | {} |",
            span.requests(),
            span.mean(),
            span.peak(),
            span.peak_to_mean(scenario.lifetime * 3 / 4),
            span.exceeded(),
            span.failed(),
            span.store_peak(),
        );
    }
    table
}

/// A row for each result and each fault of `scenario`, from its begin to that of the next one.
#[must_use]
pub fn faults(scenario: &Scenario, results: Results<'_>) -> String {
    let mut table = String::from(
        "| from | variant | token requests | busiest minute | over the limit | failed requests \
         | store calls per second |\n|---|---|---|---|---|---|---|\n",
    );
    for (name, from, to) in phases(scenario) {
        for (variant, metrics) in results {
            let span = metrics.between(from, to);
            let _ = writeln!(
                table,
                "| {name} | {variant} | {} | {} | {} | {} | {} |",
                span.requests(),
                span.peak(),
                span.exceeded(),
                span.failed(),
                span.store_peak(),
            );
        }
    }
    table
}

fn phases(scenario: &Scenario) -> Vec<(&'static str, Time, Time)> {
    let mut phases = vec![("cold start", Time::ZERO, scenario.length)];
    for fault in &scenario.faults {
        let (name, from) = match fault {
            Fault::Restart(time) => ("restart of all", *time),
            Fault::VendorOutage(from, _) => ("vendor outage", *from),
            Fault::StoreOutage(from, _) => ("store outage", *from),
        };
        if let Some(last) = phases.last_mut() {
            last.2 = from;
        }
        phases.push((name, from, scenario.length));
    }
    phases
}
