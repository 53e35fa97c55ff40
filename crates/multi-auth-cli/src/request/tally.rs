//! The results of many requests.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use http::StatusCode;
use serde_json::{Value, json};

use crate::diagnostic::Diagnostic;
use crate::exit::Exit;
use crate::output;

/// The results of many requests, in constant memory.
pub(super) struct Tally {
    sent: u32,
    failed: u32,
    statuses: BTreeMap<u16, u32>,
    /// For each code, the first diagnostic and the count.
    faults: BTreeMap<String, (u32, Diagnostic)>,
    /// In microseconds.
    latencies: Histogram<u64>,
}

impl Tally {
    pub(super) fn new() -> Result<Self, Diagnostic> {
        // Three significant digits from 1 us to 1 h: a valid range.
        const HOUR: u64 = 60 * 60 * 1_000_000;
        let latencies = Histogram::new_with_bounds(1, HOUR, 3);
        Ok(Self {
            sent: 0,
            failed: 0,
            statuses: BTreeMap::new(),
            faults: BTreeMap::new(),
            latencies: latencies.map_err(|error| Diagnostic::usage(error.to_string()))?,
        })
    }

    /// Counts a response that took `latency`, and its problem.
    pub(super) fn answered(
        &mut self,
        status: StatusCode,
        diagnostic: Option<Diagnostic>,
        latency: Duration,
    ) {
        self.sent += 1;
        *self.statuses.entry(status.as_u16()).or_default() += 1;
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.latencies.saturating_record(micros.max(1));
        if let Some(diagnostic) = diagnostic {
            self.count(diagnostic);
        }
    }

    /// Counts a request without a response.
    pub(super) fn failed(&mut self, diagnostic: Diagnostic) {
        self.sent += 1;
        self.failed += 1;
        self.count(diagnostic);
    }

    fn count(&mut self, diagnostic: Diagnostic) {
        let counted = self.faults.entry(diagnostic.code().name());
        counted.or_insert((0, diagnostic)).0 += 1;
    }

    /// The exit code: that of the worst problem.
    pub(super) fn exit(&self) -> Exit {
        let exits = self
            .faults
            .values()
            .map(|(_, diagnostic)| diagnostic.exit());
        exits.max().unwrap_or(Exit::Fine)
    }

    pub(super) fn json(&self) -> Value {
        let ms = |quantile| {
            self.latency(quantile)
                .map(|latency| latency.as_secs_f64() * 1e3)
        };
        json!({
            "sent": self.sent,
            "failed": self.failed,
            "statuses": self.statuses,
            "latency_ms": { "p50": ms(0.5), "p99": ms(0.99) },
            "errors": self.faults.values().map(|(_, diagnostic)| diagnostic).collect::<Vec<_>>(),
        })
    }

    /// Prints the tally of `times` requests, and why some of them failed.
    pub(super) fn print(&self, times: u32) {
        let sent = self.sent;
        let sent = if sent == times {
            format!("{sent} requests")
        } else {
            format!("{sent} of {times} requests, interrupted")
        };
        let counted = |(status, count): (&u16, &u32)| format!("{count} x {status}");
        let counts: Vec<_> = self.statuses.iter().map(counted).collect();
        let (counts, failed) = (counts.join(", "), self.failed);
        output::line(&format!("{sent}: {counts}; {failed} without a response"));
        if let (Some(half), Some(most)) = (self.latency(0.5), self.latency(0.99)) {
            output::line(&format!("latency: p50 {half:.1?}, p99 {most:.1?}"));
        }
        for (count, diagnostic) in self.faults.values() {
            output::note(&output::explained(
                diagnostic,
                Some(&format!("{count} times")),
            ));
        }
    }

    /// The latency at `quantile`, if there were responses.
    fn latency(&self, quantile: f64) -> Option<Duration> {
        let is_empty = self.latencies.is_empty();
        (!is_empty).then(|| Duration::from_micros(self.latencies.value_at_quantile(quantile)))
    }
}
