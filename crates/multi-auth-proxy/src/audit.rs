//! One line of JSON for each request.

use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use multi_auth::{Clock, SystemClock};
use serde::Serialize;

use crate::telemetry;

/// How many lines wait for the writer. Requests wait when there are more.
const WAITING: usize = 4096;

/// Where the lines go.
#[derive(Clone, Debug)]
pub(crate) struct Audit(Option<SyncSender<Vec<u8>>>);

impl Audit {
    /// Drops all lines.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Writes the lines to `writer` on a thread of its own.
    pub(crate) fn to(mut writer: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = sync_channel::<Vec<u8>>(WAITING);
        thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || {
                while let Ok(line) = receiver.recv() {
                    let mut lines = line;
                    while let Ok(line) = receiver.try_recv() {
                        lines.extend_from_slice(&line);
                    }
                    if writer
                        .write_all(&lines)
                        .and_then(|()| writer.flush())
                        .is_err()
                    {
                        tracing::error!(
                            name: "multi_auth_proxy.audit_failed",
                            "an audit line could not be written"
                        );
                    }
                }
            })?;
        Ok(Self(Some(sender)))
    }
}

/// What is known of one request. Its line is written when it is dropped.
#[derive(Debug)]
pub(crate) struct Record {
    audit: Audit,
    start: Instant,
    line: Line,
}

/// A line. It has no query and no secret.
#[derive(Debug, Serialize)]
struct Line {
    /// When the request arrived (RFC 3339).
    time: String,
    caller: Option<String>,
    vendor: Option<String>,
    method: String,
    path: String,
    status: u16,
    /// Why the proxy answered itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
    /// The number of the token in this process. A fixed key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    attempts: u8,
    /// From the arrival of the request to the head of the response.
    response_ms: f64,
    /// To the end of the response.
    total_ms: f64,
    bytes: u64,
    /// Whether the whole response was delivered.
    complete: bool,
}

impl Record {
    pub(crate) fn new(audit: Audit, method: &str, path: &str) -> Self {
        let now = Timestamp::try_from(SystemClock.wall()).unwrap_or_default();
        let line = Line {
            time: now.to_string(),
            caller: None,
            vendor: None,
            method: method.to_owned(),
            path: path.to_owned(),
            // What it is if the caller goes away before there is a response.
            status: 499,
            problem: None,
            generation: None,
            attempts: 1,
            response_ms: 0.0,
            total_ms: 0.0,
            bytes: 0,
            complete: false,
        };
        let start = SystemClock.monotonic();
        Self { audit, start, line }
    }

    fn elapsed(&self) -> Duration {
        SystemClock
            .monotonic()
            .saturating_duration_since(self.start)
    }

    pub(crate) fn set_caller(&mut self, name: &str) {
        self.line.caller = Some(name.to_owned());
    }

    pub(crate) fn set_target(&mut self, vendor: &str, path: &str) {
        self.line.vendor = Some(vendor.to_owned());
        path.clone_into(&mut self.line.path);
    }

    pub(crate) fn set_generation(&mut self, generation: Option<u64>) {
        self.line.generation = generation;
    }

    pub(crate) fn set_attempts(&mut self, attempts: u8) {
        self.line.attempts = attempts;
    }

    pub(crate) fn respond(&mut self, status: u16, problem: Option<&'static str>) {
        self.line.status = status;
        self.line.problem = problem;
        let latency = self.elapsed();
        self.line.response_ms = milliseconds(latency);
        let name = |name: &Option<String>| name.as_deref().unwrap_or("none").to_owned();
        telemetry::ended(
            &name(&self.line.caller),
            &name(&self.line.vendor),
            status,
            latency,
        );
    }

    pub(crate) fn count(&mut self, bytes: usize) {
        self.line.bytes += bytes as u64;
    }

    pub(crate) fn complete(&mut self) {
        self.line.complete = true;
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let Some(lines) = &self.audit.0 else {
            return;
        };
        self.line.total_ms = milliseconds(self.elapsed());
        let Ok(mut line) = serde_json::to_vec(&self.line) else {
            return;
        };
        line.push(b'\n');
        // It fails only if the writer's thread has ended.
        let _ = lines.send(line);
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
