//! The record of one request: a line of JSON in the audit, and the counts of the status page.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http::{Method, StatusCode};
use jiff::Timestamp;
use multi_auth::{Clock, SystemClock};
use serde::Serialize;

use crate::audit::Audit;
use crate::caller::{Identity, KnownCaller};
use crate::destination::Destination;
use crate::problem::Problem;
use crate::route::Route;
use crate::state::State;
use crate::telemetry;
use crate::usage::Active;

/// What is known of one request. Its line is written when it is dropped.
#[derive(Debug)]
pub(crate) struct Record {
    audit: Audit,
    /// The connection is in use.
    _active: Active,
    arrived: SystemTime,
    start: Instant,
    caller: Option<Arc<KnownCaller>>,
    identity: Option<Identity>,
    route: Option<Arc<Route>>,
    is_admitted: bool,
    method: Method,
    path: String,
    tunnel: Option<Destination>,
    result: RequestResult,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, Default)]
struct RequestResult {
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
    pub(crate) fn new(audit: Audit, active: Active, method: Method, path: &str) -> Self {
        Self {
            audit,
            _active: active,
            arrived: SystemClock.wall(),
            start: SystemClock.monotonic(),
            caller: None,
            identity: None,
            route: None,
            is_admitted: false,
            method,
            path: path.to_owned(),
            tunnel: None,
            result: RequestResult::default(),
        }
    }

    pub(crate) fn set_caller(&mut self, caller: &Arc<KnownCaller>, identity: Option<Identity>) {
        caller.tally.begin();
        self.caller = Some(Arc::clone(caller));
        self.identity = identity;
    }

    pub(crate) fn set_target(&mut self, route: &Arc<Route>, path: &str) {
        self.route = Some(Arc::clone(route));
        path.clone_into(&mut self.path);
    }

    pub(crate) fn set_tunnel(&mut self, destination: &Destination) {
        self.path = destination.to_string();
        self.tunnel = Some(destination.clone());
    }

    /// The request goes to its vendor.
    pub(crate) fn admit(&mut self) {
        self.is_admitted = true;
        if let Some(route) = &self.route {
            route.tally.begin();
        }
    }

    pub(crate) fn set_token(&mut self, generation: Option<u64>, attempts: u8) {
        self.result.generation = generation;
        self.result.attempts = attempts;
    }

    /// The proxy answers the request itself.
    pub(crate) fn refuse(&mut self, problem: &Problem) {
        let facts = problem.kind.facts();
        self.result.problem = Some(facts.code);
        let caller = self.caller.as_ref().map(|caller| &caller.tally);
        let vendor = self.admitted_route().map(|route| &route.tally);
        for tally in caller.into_iter().chain(vendor) {
            tally.refuse(problem);
        }
        self.respond(facts.status);
    }

    pub(crate) fn respond(&mut self, status: StatusCode) {
        self.result.status = Some(status);
        self.result.latency = self.elapsed();
        if let Some(caller) = &self.caller
            && let Some(route) = self.admitted_route()
        {
            caller.metrics.ended(route, status);
            route.seconds.record(self.result.latency);
        } else {
            let (caller, vendor) = (self.caller_name(), self.vendor_name());
            telemetry::without_vendor([caller, vendor].map(|name| name.unwrap_or("none")), status);
        }
    }

    /// Whether the caller may still send the request, with the configuration of `state`.
    pub(crate) fn is_allowed_in(&self, state: &State) -> bool {
        let identity = self.identity.as_ref();
        let caller = identity.and_then(|identity| state.callers.known_by(identity));
        caller.is_some_and(|caller| self.is_allowed_by(caller))
    }

    fn is_allowed_by(&self, caller: &KnownCaller) -> bool {
        if let Some(Destination { host, port }) = &self.tunnel {
            return caller.settings.allows_tunnel(host, *port);
        }
        let vendor = self.vendor_name().unwrap_or_default();
        caller.allows(vendor, &self.method, &self.path)
    }

    pub(crate) fn count(&mut self, bytes: usize) {
        self.result.bytes += bytes as u64;
    }

    pub(crate) fn complete(&mut self) {
        self.result.is_complete = true;
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
        let RequestResult {
            status,
            problem,
            generation,
            attempts,
            latency,
            bytes,
            is_complete,
        } = self.result;
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
        self.audit.write(|lines| {
            // Writing to memory cannot fail.
            let _ = serde_json::to_writer(&mut *lines, &self.line());
            lines.push(b'\n');
        });
    }
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}
