//! A server that answers what the test prepared: the target of a redirect, another vendor, an evil
//! host.
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

use crate::server::Listen;
use crate::{LoopbackServer, RecordedRequest, ScriptedResponse, SimulatorError};

mod script;
use script::Script;
#[cfg(test)]
mod tests;

/// A server that records everything and answers what was prepared: first the queue of
/// [`push`](Self::push), then the closure of [`respond_with`](Self::respond_with), then 200 and nothing.
///
/// A [`Fault::status`](crate::Fault::status) here has an empty body, as no vendor has an envelope.
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

    /// Starts a server that needs settings.
    pub fn builder() -> ScriptedBuilder {
        ScriptedBuilder::default()
    }

    /// Adds an answer to the queue; each is given once.
    pub fn push(&self, answer: impl Into<ScriptedResponse>) {
        self.script.push(answer.into());
    }

    /// Answers with `answer` whenever the queue is empty, in place of any closure given before.
    pub fn respond_with<F, A>(&self, answer: F)
    where
        F: Fn(&RecordedRequest) -> A + Send + Sync + 'static,
        A: Into<ScriptedResponse>,
    {
        self.script
            .otherwise(Arc::new(move |request| answer(request).into()));
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
    /// Listens on `address`, which must be a loopback one; port 0 takes any free port.
    pub fn bind(mut self, address: impl Into<SocketAddr>) -> Self {
        self.listen.address = address.into();
        self
    }

    /// Speaks HTTPS, with a certificate made at the start.
    pub fn https(mut self) -> Self {
        self.listen.https = true;
        self
    }

    /// Starts the server on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SimulatorError`] if the address is not a loopback one or is taken, or if no certificate could
    /// be made.
    pub async fn start(self) -> Result<ScriptedServer, SimulatorError> {
        let script = Arc::new(Script::default());
        let router = script::router(Arc::clone(&script));
        let server = LoopbackServer::start(self.listen, "", router, ScriptedResponse::new).await?;
        Ok(ScriptedServer { server, script })
    }
}
