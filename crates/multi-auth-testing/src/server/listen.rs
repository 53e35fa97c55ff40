//! The address of a server, and its TLS identity.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::SimulatorError;
use crate::server::certificate::{ClientCertificates, Identity};

/// Where a server listens. Default: `127.0.0.1` on a free port, without TLS.
#[derive(Clone, Debug)]
pub(crate) struct Listen {
    pub(crate) address: SocketAddr,
    pub(crate) https: bool,
    /// The hosts of the certificate besides loopback.
    pub(crate) hosts: Vec<String>,
    /// The certificates that clients show.
    pub(crate) clients: Option<ClientCertificates>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            https: false,
            hosts: Vec::new(),
            clients: None,
        }
    }
}

impl Listen {
    pub(super) async fn open(self) -> Result<Listener, SimulatorError> {
        let address = self.address;
        if !address.ip().is_loopback() {
            return Err(SimulatorError::NotLoopback(address));
        }
        let failed = |source| SimulatorError::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let generate = || Identity::generate(&self.hosts, self.clients.as_ref());
        let identity = self.https.then(generate);
        let identity = identity.transpose()?;
        Ok(Listener {
            socket,
            address,
            identity,
        })
    }
}

/// An open socket, and its TLS identity.
pub(super) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    identity: Option<Identity>,
}

impl Listener {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.identity.is_some() {
            "https"
        } else {
            "http"
        }
    }

    pub(super) fn certificate_pem(&self) -> Option<String> {
        self.identity
            .as_ref()
            .map(|identity| identity.root_pem.clone())
    }

    pub(super) fn into_parts(self) -> (TcpListener, Option<TlsAcceptor>) {
        (self.socket, self.identity.map(|identity| identity.acceptor))
    }
}
