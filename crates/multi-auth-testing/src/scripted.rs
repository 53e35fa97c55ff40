//! A server that sends prepared responses. It serves as any other vendor, a redirect's target or a
//! hostile host.
//!
//! ```
//! use http::StatusCode;
//! use multi_auth_testing::{ScriptedResponse, ScriptedServer};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = ScriptedServer::start().await?;
//! server.push(ScriptedResponse::new(StatusCode::UNAUTHORIZED));
//! server.respond_with(|request| ScriptedResponse::default().with_body(request.path.clone()));
//!
//! let refused = reqwest::get(server.url()).await?;
//! assert_eq!(refused.status(), 401);
//! let echo = reqwest::get(format!("{}/here", server.url())).await?;
//! assert_eq!(echo.text().await?, "/here");
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::Arc;

use crate::server::{ClientCertificates, Listen};
use crate::{LoopbackServer, RecordedRequest, ScriptedResponse, SimulatorError};

mod script;
use script::Script;
#[cfg(test)]
mod tests;

/// A server that records requests and sends prepared responses: first the queue of
/// [`push`](Self::push), then the closure of [`respond_with`](Self::respond_with), then an empty
/// 200.
///
/// A [`Fault::status`](crate::Fault::status) has an empty body here.
pub struct ScriptedServer {
    server: LoopbackServer,
    script: Arc<Script>,
}

impl ScriptedServer {
    /// Starts a server on `127.0.0.1` and any free port.
    ///
    /// # Errors
    ///
    /// As [`ScriptedBuilder::start`].
    pub async fn start() -> Result<Self, SimulatorError> {
        Self::builder().start().await
    }

    /// A builder, for a server that needs settings.
    pub fn builder() -> ScriptedBuilder {
        ScriptedBuilder::default()
    }

    /// Adds a response to the queue. Each is sent once.
    pub fn push(&self, response: impl Into<ScriptedResponse>) {
        self.script.push(response.into());
    }

    /// Responds with the result of `respond` when the queue is empty. It replaces an earlier
    /// closure. The closure may use the server.
    pub fn respond_with<F, R>(&self, respond: F)
    where
        F: Fn(&RecordedRequest) -> R + Send + Sync + 'static,
        R: Into<ScriptedResponse>,
    {
        self.script
            .otherwise(Arc::new(move |request| respond(request).into()));
    }
}

impl Deref for ScriptedServer {
    type Target = LoopbackServer;

    fn deref(&self) -> &LoopbackServer {
        &self.server
    }
}

impl fmt::Debug for ScriptedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedServer")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`ScriptedServer`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it is started"]
pub struct ScriptedBuilder {
    listen: Listen,
}

impl ScriptedBuilder {
    /// Sets the address to listen on. It must be a loopback address; port 0 takes any free port.
    /// Default: `127.0.0.1:0`.
    pub fn bind(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen.address = address.into();
        self
    }

    /// Serves HTTPS with a new certificate. Clients trust it through
    /// [`certificate_pem`](LoopbackServer::certificate_pem).
    pub fn https(mut self) -> Self {
        self.listen.https = true;
        self
    }

    /// As [`https`](Self::https), with a certificate for `hosts` too: for a client that resolves
    /// them to this server.
    pub fn https_for<H: Into<String>>(self, hosts: impl IntoIterator<Item = H>) -> Self {
        let mut builder = self.https();
        builder.listen.hosts = hosts.into_iter().map(Into::into).collect();
        builder
    }

    /// Refuses clients without a certificate that the authority `root_pem` signed, in the TLS
    /// handshake. [`RecordedRequest::client_certificate`] is then the certificate. Call
    /// [`https`](Self::https) too.
    pub fn require_client_certificate(self, root_pem: impl Into<String>) -> Self {
        self.client_certificates(root_pem.into(), true)
    }

    /// As [`require_client_certificate`](Self::require_client_certificate), but serves clients that
    /// show none.
    pub fn request_client_certificate(self, root_pem: impl Into<String>) -> Self {
        self.client_certificates(root_pem.into(), false)
    }

    fn client_certificates(mut self, root_pem: String, are_required: bool) -> Self {
        self.listen.clients = Some(ClientCertificates {
            root_pem,
            are_required,
        });
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::NotLoopback`] if the address is not a loopback address, [`SimulatorError::Bind`] if it is taken, [`SimulatorError::Certificate`] if the certificate cannot be made, or if the authority of [`require_client_certificate`](Self::require_client_certificate) is not a certificate in PEM.
    pub async fn start(self) -> Result<ScriptedServer, SimulatorError> {
        let script = Arc::new(Script::default());
        let router = script::router(Arc::clone(&script));
        let server = LoopbackServer::start(self.listen, "", router, ScriptedResponse::new).await?;
        Ok(ScriptedServer { server, script })
    }
}
