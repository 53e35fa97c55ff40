//! Where the proxy listens.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::Advice;

/// An address at which the proxy listens: `127.0.0.1:8780` or `unix:/run/proxy.sock`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenAddress {
    /// An IP address and a port. With port 0, the system chooses one.
    Tcp(SocketAddr),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

const NOT_AN_ADDRESS: Advice = Advice::new(
    "is not an address to listen at",
    "write an IP address and a port, as in \"127.0.0.1:8780\", or a socket, as in \"unix:/run/multi-auth/proxy.sock\"",
);

impl FromStr for ListenAddress {
    type Err = Advice;

    fn from_str(text: &str) -> Result<Self, Advice> {
        match text.strip_prefix("unix:") {
            Some("") => Err(NOT_AN_ADDRESS),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_| NOT_AN_ADDRESS),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}
