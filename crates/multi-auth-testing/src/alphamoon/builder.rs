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

    /// Starts the simulator on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// [`SimulatorError`] if the address is not a loopback one or is taken, or if no certificate
    /// could be made.
    pub async fn start(self) -> Result<AlphamoonSimulator, SimulatorError> {
        let workspace = Arc::new(Workspace::default());
        let router = routes::router(Arc::clone(&workspace));
        let server = LoopbackServer::start(self.listen, "", router, problem::envelope).await?;
        Ok(AlphamoonSimulator { server, workspace })
    }
}
