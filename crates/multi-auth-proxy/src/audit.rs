//! One line of JSON for each request.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use http::{Method, StatusCode};
use jiff::Timestamp;
use multi_auth::{Clock, SystemClock};
use serde::Serialize;

use crate::caller::KnownCaller;
use crate::problem::Problem;
use crate::route::Route;
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
    arrived: SystemTime,
    start: Instant,
    caller: Option<Arc<KnownCaller>>,
    route: Option<Arc<Route>>,
    is_admitted: bool,
    method: Method,
    path: String,
    response: Outcome,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    status: Option<StatusCode>,
    problem: Option<&'static str>,
    generation: Option<u64>,
    attempts: u8,
    latency: Duration,
    bytes: u64,
    is_complete: bool,
}

/// A line. It has no query and no secret.
#[derive(Debug, Serialize)]
struct Line<'r> {
    /// When the request arrived (RFC 3339).
    time: String,
    caller: Option<&'r str>,
    vendor: Option<&'r str>,
    method: &'r str,
    path: &'r str,
    /// 499 if the caller went away before there was a response.
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
    pub(crate) fn new(audit: Audit, method: Method, path: &str) -> Self {
        Self {
            audit,
            arrived: SystemClock.wall(),
            start: SystemClock.monotonic(),
            caller: None,
            route: None,
            is_admitted: false,
            method,
            path: path.to_owned(),
            response: Outcome::default(),
        }
    }

    pub(crate) fn set_caller(&mut self, caller: &Arc<KnownCaller>) {
        caller.tally.begin();
        self.caller = Some(Arc::clone(caller));
    }

    pub(crate) fn set_target(&mut self, route: &Arc<Route>, path: &str) {
        self.route = Some(Arc::clone(route));
        path.clone_into(&mut self.path);
    }

    /// The request goes to its vendor.
    pub(crate) fn admit(&mut self) {
        self.is_admitted = true;
        if let Some(route) = &self.route {
            route.tally.begin();
        }
    }

    pub(crate) fn set_token(&mut self, generation: Option<u64>, attempts: u8) {
        self.response.generation = generation;
        self.response.attempts = attempts;
    }

    /// The proxy answers the request itself.
    pub(crate) fn refuse(&mut self, problem: &Problem) {
        let facts = problem.kind.facts();
        self.response.problem = Some(facts.code);
        let caller = self.caller.as_ref().map(|caller| &caller.tally);
        let vendor = self.admitted_route().map(|route| &route.tally);
        for tally in caller.into_iter().chain(vendor) {
            tally.refuse(problem);
        }
        self.respond(facts.status);
    }

    pub(crate) fn respond(&mut self, status: StatusCode) {
        self.response.status = Some(status);
        self.response.latency = self.elapsed();
        let (caller, vendor) = (self.caller_name(), self.vendor_name());
        let names = [caller, vendor].map(|name| name.unwrap_or("none"));
        telemetry::ended(names, status.as_u16(), self.response.latency);
    }

    pub(crate) fn count(&mut self, bytes: usize) {
        self.response.bytes += bytes as u64;
    }

    pub(crate) fn complete(&mut self) {
        self.response.is_complete = true;
    }

    fn admitted_route(&self) -> Option<&Arc<Route>> {
        self.route.as_ref().filter(|_| self.is_admitted)
    }

    fn caller_name(&self) -> Option<&str> {
        self.caller.as_ref().map(|caller| caller.settings.name())
    }

    fn vendor_name(&self) -> Option<&str> {
        self.route.as_ref().map(|route| route.name.as_str())
    }

    fn elapsed(&self) -> Duration {
        SystemClock
            .monotonic()
            .saturating_duration_since(self.start)
    }

    fn line(&self) -> Line<'_> {
        let Outcome {
            status,
            problem,
            generation,
            attempts,
            latency,
            bytes,
            is_complete,
        } = self.response;
        Line {
            time: Timestamp::try_from(self.arrived)
                .unwrap_or_default()
                .to_string(),
            caller: self.caller_name(),
            vendor: self.vendor_name(),
            method: self.method.as_str(),
            path: &self.path,
            status: status.map_or(GONE, |status| status.as_u16()),
            problem,
            generation,
            attempts,
            response_ms: milliseconds(latency),
            total_ms: milliseconds(self.elapsed()),
            bytes,
            complete: is_complete,
        }
    }
}

/// What nginx logs for a caller that went away.
const GONE: u16 = 499;

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(caller) = &self.caller {
            caller.tally.end();
        }
        if let Some(route) = self.admitted_route() {
            route.tally.end();
        }
        let Some(lines) = &self.audit.0 else {
            return;
        };
        let Ok(mut line) = serde_json::to_vec(&self.line()) else {
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
