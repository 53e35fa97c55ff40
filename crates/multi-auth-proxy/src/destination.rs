//! Where a tunnel leads, and the connections there.

use std::fmt;
use std::future::poll_fn;

use http::Uri;
use http::request::Parts;
use http::uri::Authority;
use hyper_util::client::legacy::connect::HttpConnector;
use multi_auth_config::proxy::CallerToken;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

use crate::BoxError;
use crate::address::Resolver;
use crate::upstream::{CONNECT_TIMEOUT, connector};

/// Where a tunnel leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// In lowercase.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Destination {
    /// The destination of a request with `CONNECT`: a host and a port.
    pub(crate) fn of(request: &Parts) -> Option<Self> {
        let authority = request.uri.authority()?;
        // Neither a user nor a token is a part of the host. The destination is in the audit.
        let has_token = CallerToken::find_in(authority.as_str().as_bytes()).is_some();
        let is_plain = !has_token && !authority.as_str().contains('@');
        let port = authority.port_u16().filter(|_| is_plain)?;
        let host = authority.host().to_ascii_lowercase();
        Some(Self { host, port })
    }

    /// The same without the dot that may end a host (RFC 3986, 3.2.2).
    pub(crate) fn without_final_dot(&self) -> Self {
        let host = self.host.strip_suffix('.').unwrap_or(&self.host).to_owned();
        Self { host, ..*self }
    }

    /// Whether `authority`, of a request in the tunnel, is this host and port.
    pub(crate) fn is(&self, authority: &Authority) -> bool {
        authority.host().eq_ignore_ascii_case(&self.host)
            && authority.port_u16().unwrap_or(443) == self.port
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// How many names of tunnels are resolved at once. Each takes a thread, which vendors need too.
const MOST_LOOKUPS: usize = 32;

/// Connects to the hosts of tunnels.
#[derive(Clone, Debug)]
pub(crate) struct TunnelConnector {
    resolver: Resolver,
    tcp: HttpConnector<Resolver>,
}

impl TunnelConnector {
    /// Of the hosts with a private address, only those in `private_hosts` are connected to.
    pub(crate) fn new(private_hosts: &[String]) -> Self {
        let resolver = Resolver::new(private_hosts.iter().cloned().collect());
        let resolver = resolver.with_lookups(MOST_LOOKUPS);
        let tcp = connector(resolver.clone());
        Self { resolver, tcp }
    }

    /// Connects to a host.
    pub(crate) async fn connect(&self, destination: &Destination) -> Result<TcpStream, BoxError> {
        self.resolver.check(&destination.host)?;
        let uri = Uri::builder().scheme("http").path_and_query("/");
        let uri = uri.authority(destination.to_string()).build()?;
        let mut tcp = self.tcp.clone();
        poll_fn(|cx| tcp.poll_ready(cx)).await?;
        let connection = timeout(CONNECT_TIMEOUT, tcp.call(uri)).await??;
        Ok(connection.into_inner())
    }
}
