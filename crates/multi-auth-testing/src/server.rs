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
pub(crate) use certificate::ClientCertificates;
mod connection;
mod listen;
pub(crate) use listen::Listen;
mod site;
use site::Site;
#[cfg(test)]
mod tests;

/// The features that every server of this crate has: its address, the recorded requests, faults and
/// gates. The simulators dereference to it.
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

    /// The root certificate that a client must trust, in PEM. `None` without HTTPS. The server's
    /// certificate is for `localhost`, `127.0.0.1` and `::1`.
    #[must_use]
    pub fn certificate_pem(&self) -> Option<&str> {
        self.certificate_pem.as_deref()
    }

    /// The newest requests, in order of arrival. A request is recorded when its whole body has
    /// arrived, before the response.
    ///
    /// [`MAX_RECORDED`](crate::MAX_RECORDED) requests of at most [`MAX_RECORDED_BYTES`](crate::MAX_RECORDED_BYTES) in total are kept; then each new one replaces the oldest. [`request_count`](Self::request_count) counts all of them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.site.log.select(|_| true)
    }

    /// The requests among [`requests`](Self::requests) whose path, as sent, is `path`.
    #[must_use]
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        self.site.log.select(|request| request.path == path)
    }

    /// The number of requests so far, including those that are no longer kept.
    #[must_use]
    pub fn request_count(&self) -> usize {
        self.site.log.count()
    }

    /// Removes the recorded requests, and counts from 0.
    pub fn clear_requests(&self) {
        self.site.log.clear();
    }

    /// Adds a fault. Earlier faults apply first.
    pub fn inject(&self, fault: Fault) {
        self.site.faults.push(fault);
    }

    /// Removes every fault.
    pub fn clear_faults(&self) {
        self.site.faults.clear();
    }

    /// Holds requests whose path, as sent, starts with `prefix` until the gate is released. Faults
    /// apply afterwards.
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
