//! Why a server could not start, or a response could not be prepared.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

/// Why a server could not start, or a response could not be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// A simulator prints its keys, so it serves only this machine. Bind `127.0.0.1` or `::1`.
    #[error("{0} is not a loopback address: bind 127.0.0.1 or ::1")]
    NotLoopback(SocketAddr),
    /// The address is taken, or this machine does not have it. Port 0 takes any free port.
    #[error("cannot listen on {address}: choose a free port, or port 0 for any")]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the system.
        source: io::Error,
    },
    /// The certificate for HTTPS could not be made or used. The caller can correct only the
    /// authority of client certificates, which must be a certificate in PEM.
    #[error("cannot make a certificate for HTTPS")]
    Certificate(#[source] Box<dyn Error + Send + Sync>),
    /// The base path is invalid. Write `/` before each segment; a segment has letters, digits, `-`,
    /// `.`, `_` and `~`.
    #[error("{0:?} is not a base path: write it as in \"/immuta\"")]
    BasePath(String),
    /// The name or the value is not valid in a header (RFC 9110, 5).
    #[error("{name:?} with this value is not a header field")]
    Header {
        /// The name of the field.
        name: String,
        /// Why it is invalid.
        source: http::Error,
    },
}

impl SimulatorError {
    pub(crate) fn certificate(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Certificate(error.into())
    }
}
