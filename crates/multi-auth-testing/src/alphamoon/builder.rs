//! Settings of the Alphamoon simulator.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::alphamoon::{Workspace, problem, routes};
use crate::server::Listen;
use crate::{AlphamoonSimulator, LoopbackServer, SimulatorError};

/// Settings of an [`AlphamoonSimulator`].
#[derive(Clone, Debug, Default)]
#[must_use = "a builder does nothing until it is started"]
pub struct AlphamoonBuilder {
    listen: Listen,
}

impl AlphamoonBuilder {
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

    /// Starts the simulator on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SimulatorError::NotLoopback`] if the address is not a loopback address, [`SimulatorError::Bind`] if it is taken, [`SimulatorError::Certificate`] if the certificate cannot be made.
    pub async fn start(self) -> Result<AlphamoonSimulator, SimulatorError> {
        let workspace = Arc::new(Workspace::default());
        let router = routes::router(Arc::clone(&workspace));
        let server = LoopbackServer::start(self.listen, "", router, problem::envelope).await?;
        Ok(AlphamoonSimulator { server, workspace })
    }
}
