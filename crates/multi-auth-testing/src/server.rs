//! The server under every simulator: HTTP/1.1 and HTTP/2 on a loopback address, with or without
//! TLS.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use http::StatusCode;
use tokio::task::AbortHandle;

use crate::{Fault, RecordedRequest, RequestGate, ScriptedResponse, SimulatorError};

mod certificate;
mod connection;
mod listen;
pub(crate) use listen::Listen;
mod site;
use site::Site;
#[cfg(test)]
mod tests;

/// What every server here can do, whatever it simulates: say where it is, what it was asked, and
/// misbehave. The simulators dereference to it.
pub struct LoopbackServer {
    address: SocketAddr,
    url: String,
    certificate_pem: Option<String>,
    site: Arc<Site>,
    accepting: AbortHandle,
}

impl LoopbackServer {
    pub(crate) async fn start(
        listen: Listen,
        base_path: &str,
        router: Router,
        envelope: fn(StatusCode) -> ScriptedResponse,
    ) -> Result<Self, SimulatorError> {
        let listener = listen.open().await?;
        let address = listener.address();
        let url = format!("{}://{address}{base_path}", listener.scheme());
        let certificate_pem = listener.certificate_pem();
        let site = Arc::new(Site::new(router, envelope));
        let accepting =
            tokio::spawn(connection::accept(listener, Arc::clone(&site))).abort_handle();
        Ok(Self {
            address,
            url,
            certificate_pem,
            site,
            accepting,
        })
    }

    /// The base of every URL here, such as `http://127.0.0.1:40123`, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address that the server listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root certificate that a client must trust, in PEM; `None` unless HTTPS was asked for.
    /// It signs for `localhost`, `127.0.0.1` and `::1`.
    #[must_use]
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate_pem.as_deref()
    }

    /// The newest requests, in order of arrival. One is recorded when its whole body is there,
    /// before it is answered.
    ///
    /// [`MAX_RECORDED`](crate::MAX_RECORDED) requests of
    /// [`MAX_RECORDED_BYTES`](crate::MAX_RECORDED_BYTES) in all are kept; then each new one takes
    /// the place of the oldest. [`request_count`](Self::request_count) counts all.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.site.log.select(|_| true)
    }

    /// Those of [`requests`](Self::requests) whose path, as sent, is `path`.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.site.log.select(|request| request.path == path)
    }

    /// How many requests there were so far, those that are no longer kept too.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.site.log.count()
    }

    /// Forgets the requests so far, and counts from 0.
    pub fn clear_requests(&self) {
        self.site.log.clear();
    }

    /// Adds a fault; those injected before come first.
    pub fn inject(&self, fault: Fault) {
        self.site.faults.push(fault);
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        self.site.faults.clear();
    }

    /// Makes requests whose path, as sent, starts with `prefix` wait until the gate is released.
    /// They wait before any fault strikes them.
    pub fn hold(&self, prefix: impl Into<String>) -> RequestGate {
        self.site.gates.close(prefix.into())
    }
}

impl fmt::Debug for LoopbackServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoopbackServer")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl Drop for LoopbackServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
