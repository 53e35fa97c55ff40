//! A proxy for one command or for this program, at a random port of loopback.

use std::net::Ipv4Addr;
use std::time::Duration;

use multi_auth::ProtectionSpace;
use multi_auth_config::proxy::{Caller, ListenAddress, ProxySettings, Rule};
use multi_auth_config::{Config, Vendor};
use multi_auth_proxy::{Listener, Proxy, ProxyBuilder};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::diagnostic::Diagnostic;
use crate::proxy::AUDIT_TIMEOUT;

/// A proxy at a random port of loopback. It ends with the program.
pub(crate) struct PrivateProxy {
    proxy: Proxy,
    port: u16,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl PrivateProxy {
    pub(crate) async fn start(
        builder: ProxyBuilder,
        config: &Config,
        settings: &ProxySettings,
    ) -> Result<Self, Diagnostic> {
        let proxy = builder.build(config, settings).await?;
        let address = ListenAddress::Tcp((Ipv4Addr::LOCALHOST, 0).into());
        let listener = Listener::bind(&address).map_err(Diagnostic::system)?;
        let port = listener.tcp_address().map_or(0, |address| address.port());
        let (stop, stopped) = oneshot::channel();
        let server = proxy.clone();
        let serving = tokio::spawn(async move {
            let stopped = async { _ = stopped.await };
            server.serve(listener, stopped, Duration::ZERO).await;
        });
        Ok(Self {
            proxy,
            port,
            stop,
            serving,
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends the proxy, and waits for the last audit lines.
    pub(crate) async fn end(self) {
        // An error means that it has ended.
        let _ = self.stop.send(());
        let end = async {
            let _ = self.serving.await;
            self.proxy.flush_audit().await;
        };
        let _ = timeout(AUDIT_TIMEOUT, end).await;
    }
}

/// The vendors that a command or an agent may call, and the configuration that it needs for them.
pub(crate) struct Allowed {
    pub(crate) config: Config,
    names: Vec<String>,
}

impl Allowed {
    /// The `wanted` vendors of `config`, or all if none is named.
    pub(crate) fn new(config: Config, wanted: &[String]) -> Result<Self, Diagnostic> {
        if let Some(unknown) = wanted.iter().find(|name| config.vendor(name).is_none()) {
            let problem = format!("the configuration has no vendor {unknown:?}");
            return Err(Diagnostic::usage(problem)
                .with_remedy("give the name after `vendors.` of one of its tables"));
        }
        let all = config
            .vendors()
            .iter()
            .map(|vendor| vendor.name().to_owned());
        let names = if wanted.is_empty() {
            all.collect()
        } else {
            wanted.to_vec()
        };
        Ok(Self { config, names }.with_needed())
    }

    /// The same without the vendors that no rule of `caller` names.
    pub(crate) fn for_caller(mut self, caller: &Caller) -> Self {
        let is_named = |name: &String| caller.rules().iter().any(|rule| rule.vendor_name() == name);
        self.names.retain(is_named);
        self.with_needed()
    }

    /// Keeps the vendors at the same origins too: they have their own part of the paths, to which
    /// another vendor's credential does not go.
    fn with_needed(mut self) -> Self {
        let origins: Vec<_> = self.vendors().flat_map(spaces).collect();
        let is_needed = |vendor: &Vendor| {
            spaces(vendor).any(|space| {
                let mut origins = origins.iter();
                origins.any(|own| {
                    own.covers_origin_of(&space.origin()) || space.covers_origin_of(&own.origin())
                })
            })
        };
        self.config = self.config.with_only(is_needed);
        self
    }

    pub(crate) fn vendors(&self) -> impl Iterator<Item = &Vendor> {
        let vendors = self.config.vendors().iter();
        vendors.filter(|vendor| self.names.iter().any(|name| name == vendor.name()))
    }

    /// `caller`, which may send all requests to these vendors.
    pub(crate) fn with_all_requests(&self, caller: Caller) -> Caller {
        let rules = self.vendors().map(|vendor| Rule::vendor(vendor.name()));
        rules.fold(caller, Caller::with_rule)
    }

    /// `caller` without its rules for other vendors.
    pub(crate) fn restrict(&self, caller: Caller) -> Caller {
        caller.with_only(|rule| self.names.iter().any(|name| name == rule.vendor_name()))
    }
}

fn spaces(vendor: &Vendor) -> impl Iterator<Item = ProtectionSpace> {
    vendor.protection_spaces().iter().cloned()
}
