//! Settings of the Immuta simulator.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::immuta::{Instance, envelope, instance, routes};
use crate::server::Listen;
use crate::{ImmutaSimulator, LoopbackServer, SimulatorError};

/// Settings of an [`ImmutaSimulator`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it is started"]
pub struct ImmutaBuilder {
    listen: Listen,
    base_path: String,
    sample_token: bool,
}

impl ImmutaBuilder {
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

    /// Serves all endpoints below a path such as `/immuta`, which becomes a part of
    /// [`url`](LoopbackServer::url). A slash at its end is ignored.
    pub fn base_path(mut self, path: impl Into<String>) -> Self {
        self.base_path = path.into();
        self
    }

    /// Accepts the token of the vendor's page, `dea464c07bd07300095caa8`, until tokens are expired.
    pub fn documented_sample_token(mut self) -> Self {
        self.sample_token = true;
        self
    }

    /// Starts the simulator on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::NotLoopback`] if the address is not a loopback address, [`SimulatorError::Bind`] if it is taken, [`SimulatorError::Certificate`] if the certificate cannot be made, [`SimulatorError::BasePath`] if the base path is invalid.
    pub async fn start(self) -> Result<ImmutaSimulator, SimulatorError> {
        let base_path = checked(&self.base_path)?;
        let instance = Arc::new(Instance::default());
        if self.sample_token {
            instance.update(|state| state.tokens.insert(instance::SAMPLE_TOKEN, None));
        }
        let router = routes::router(base_path, Arc::clone(&instance));
        let envelope = envelope::envelope;
        let server = LoopbackServer::start(self.listen, base_path, router, envelope).await?;
        Ok(ImmutaSimulator { server, instance })
    }
}

/// The base path without a trailing slash.
fn checked(path: &str) -> Result<&str, SimulatorError> {
    let trimmed = path.trim_end_matches('/');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let mut segments = trimmed.split('/');
    let rooted = segments.next() == Some("");
    let proper = |segment: &str| !segment.is_empty() && segment.bytes().all(legal);
    if rooted && segments.all(proper) {
        return Ok(trimmed);
    }
    Err(SimulatorError::BasePath(path.to_owned()))
}
