//! The settings of a proxy that puts credentials on the requests of other programs.
//!
//! `multi-auth-proxy` uses them. [`Config::proxy`](crate::Config::proxy) reads them from the table
//! `proxy` of a file; a program can make its own:
//!
//! ```
//! use multi_auth_config::proxy::{Caller, CallerToken, ProxySettings, Rule};
//!
//! # fn main() -> Result<(), multi_auth_config::Advice> {
//! let reports = Caller::new("reports")?
//!     .with_token(CallerToken::generate()?.hash())
//!     .with_rule(Rule::vendor("immuta").with_path("/dataSource")?);
//! let settings = ProxySettings::default().with_caller(reports);
//! # Ok(())
//! # }
//! ```

mod caller;
mod hosts;
mod listen;
mod rule;
mod token;
mod tunnel;

pub use self::caller::Caller;
pub use self::hosts::ProxyHosts;
pub use self::listen::ListenAddress;
pub use self::rule::Rule;
pub use self::token::{CallerToken, TokenHash};

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use self::hosts::host_name;
use crate::Advice;

/// The settings of a proxy.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    listen: Vec<ListenAddress>,
    admin: Option<SocketAddr>,
    hosts: ProxyHosts,
    private_hosts: Vec<String>,
    response_timeout: Duration,
    idle_timeout: Duration,
    callers: Vec<Caller>,
}

/// The port at which the proxy listens if the file names none.
const PORT: u16 = 8780;

impl Default for ProxySettings {
    /// A proxy at `127.0.0.1:8780` without callers: it refuses all requests.
    fn default() -> Self {
        Self {
            listen: vec![ListenAddress::Tcp((Ipv4Addr::LOCALHOST, PORT).into())],
            admin: None,
            hosts: ProxyHosts::default(),
            private_hosts: Vec::new(),
            response_timeout: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(120),
            callers: Vec::new(),
        }
    }
}

impl ProxySettings {
    /// Sets where it listens.
    #[must_use]
    pub fn with_listen(self, listen: Vec<ListenAddress>) -> Self {
        Self { listen, ..self }
    }

    /// Sets the address of the status page, the health checks and the metrics.
    #[must_use]
    pub fn with_admin(self, admin: SocketAddr) -> Self {
        let admin = Some(admin);
        Self { admin, ..self }
    }

    /// Adds a name by which callers reach the proxy, besides `localhost` and addresses.
    ///
    /// # Errors
    ///
    /// If `host` is not a name alone.
    pub fn with_host(mut self, host: &str) -> Result<Self, Advice> {
        self.hosts.push(host)?;
        Ok(self)
    }

    /// Lets the vendors' host `host` have a private, link-local or loopback address.
    ///
    /// # Errors
    ///
    /// If `host` is not a name alone.
    pub fn with_private_host(mut self, host: &str) -> Result<Self, Advice> {
        self.private_hosts.push(host_name(host)?);
        Ok(self)
    }

    /// Sets how long a vendor may take to begin its response.
    #[must_use]
    pub fn with_response_timeout(self, response_timeout: Duration) -> Self {
        Self {
            response_timeout,
            ..self
        }
    }

    /// Sets how long a caller's connection may be without a request. A change takes effect when the
    /// proxy is started again.
    #[must_use]
    pub fn with_idle_timeout(self, idle_timeout: Duration) -> Self {
        Self {
            idle_timeout,
            ..self
        }
    }

    /// Adds a caller.
    #[must_use]
    pub fn with_caller(mut self, caller: Caller) -> Self {
        self.callers.push(caller);
        self
    }

    /// Removes all callers.
    #[must_use]
    pub fn without_callers(self) -> Self {
        let callers = Vec::new();
        Self { callers, ..self }
    }

    /// Where it listens.
    #[must_use]
    pub fn listen(&self) -> &[ListenAddress] {
        &self.listen
    }

    /// The address of the status page, if there is one.
    #[must_use]
    pub fn admin(&self) -> Option<SocketAddr> {
        self.admin
    }

    /// The names by which callers reach the proxy.
    #[must_use]
    pub fn hosts(&self) -> &ProxyHosts {
        &self.hosts
    }

    /// The hosts of vendors that may have a private address, in lowercase.
    #[must_use]
    pub fn private_hosts(&self) -> &[String] {
        &self.private_hosts
    }

    /// How long a vendor may take to begin its response.
    #[must_use]
    pub fn response_timeout(&self) -> Duration {
        self.response_timeout
    }

    /// How long a caller's connection may be without a request.
    #[must_use]
    pub fn idle_timeout(&self) -> Duration {
        self.idle_timeout
    }

    /// The callers.
    #[must_use]
    pub fn callers(&self) -> &[Caller] {
        &self.callers
    }
}
