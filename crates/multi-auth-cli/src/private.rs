//! A proxy for one command or for this program, at a random port of loopback.

use std::net::Ipv4Addr;
use std::time::Duration;

use multi_auth_config::Config;
use multi_auth_config::proxy::{ListenAddress, ProxySettings};
use multi_auth_proxy::{Listener, Proxy, ProxyBuilder};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::args::General;
use crate::client;
use crate::diagnostic::{Diagnostic, DiagnosticCode};
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
        let listener = Listener::bind(&address).map_err(system)?;
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

/// The configuration with the `wanted` vendors only, or with all if none is named.
pub(crate) fn config(general: &General, wanted: &[String]) -> Result<Config, Diagnostic> {
    let config = client::config(general)?;
    if wanted.is_empty() {
        return Ok(config);
    }
    if let Some(unknown) = wanted.iter().find(|name| config.vendor(name).is_none()) {
        let problem = format!("the configuration has no vendor {unknown:?}");
        return Err(Diagnostic::usage(problem)
            .with_remedy("give the name after `vendors.` of one of its tables"));
    }
    Ok(config.with_only(|vendor| wanted.iter().any(|name| name == vendor.name())))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn system(error: impl ToString) -> Diagnostic {
    Diagnostic::new(DiagnosticCode::System, error.to_string())
}
