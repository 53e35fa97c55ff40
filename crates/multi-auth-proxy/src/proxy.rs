//! The proxy: built from a configuration, and reloaded with another.

use std::io;
use std::io::Write;
use std::sync::Arc;

use arc_swap::ArcSwap;
use multi_auth::Transport;
use multi_auth_config::proxy::ProxySettings;
use multi_auth_config::{Config, ConfigError};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use tokio::sync::watch;

use crate::audit::Audit;
use crate::authority::CertificateAuthority;
use crate::hop::Pseudonym;
use crate::state::State;
use crate::tls::{self, CertificateError};

/// A proxy that puts the credentials of a configuration on the requests of its callers. Clones
/// share it.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) state: ArcSwap<State>,
    pub(crate) audit: Audit,
    pub(crate) pseudonym: Pseudonym,
    /// Changes after each reload.
    pub(crate) reloads: watch::Sender<()>,
    pub(crate) authority: Option<CertificateAuthority>,
    transport: Arc<dyn Transport>,
    tls: ClientConfig,
}

/// Builds a [`Proxy`].
#[derive(Debug)]
pub struct ProxyBuilder {
    transport: Arc<dyn Transport>,
    certificates: Vec<CertificateDer<'static>>,
    audit: Audit,
    authority: Option<CertificateAuthority>,
}

impl Proxy {
    /// Starts to build a proxy. Token requests go through `transport`.
    pub fn builder(transport: impl Transport + 'static) -> ProxyBuilder {
        ProxyBuilder {
            transport: Arc::new(transport),
            certificates: Vec::new(),
            audit: Audit::none(),
            authority: None,
        }
    }

    /// Replaces the configuration. Requests that are under way end with the old one. Tokens are
    /// requested again, and the counts of the status page begin again.
    ///
    /// # Errors
    ///
    /// If a key cannot be read. The old configuration stays in use.
    pub async fn reload(
        &self,
        config: &Config,
        settings: &ProxySettings,
    ) -> Result<(), ConfigError> {
        let Shared { transport, tls, .. } = &*self.shared;
        let live = config.live_keyring(Arc::clone(transport)).await?;
        let earlier = self.shared.state.load();
        let state = State::new(config, settings, live, tls, Some(&earlier));
        self.shared.state.store(Arc::new(state));
        self.shared.reloads.send_replace(());
        Ok(())
    }
}

impl Proxy {
    /// Waits until the audit lines of all requests that have ended are written. Call it before the
    /// program ends.
    pub async fn flush_audit(&self) {
        self.shared.audit.flush().await;
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.audit.end();
    }
}

impl ProxyBuilder {
    /// Writes a line of JSON to `writer` for each request: who sent it, what for, and its result.
    ///
    /// # Errors
    ///
    /// If the thread that writes the lines cannot be started.
    pub fn audit(self, writer: impl Write + Send + 'static) -> io::Result<Self> {
        let audit = Audit::to(writer)?;
        Ok(Self { audit, ..self })
    }

    /// Trusts the certificates in `pem` too, besides those of the system.
    ///
    /// # Errors
    ///
    /// If `pem` holds no certificate.
    pub fn root_certificates(mut self, pem: &[u8]) -> Result<Self, CertificateError> {
        self.certificates.extend(tls::certificates(pem)?);
        Ok(self)
    }

    /// Reads the requests in tunnels to vendors, and attaches their credentials. Callers have to
    /// trust the certificate of `authority`.
    ///
    /// Without it, the bytes of every tunnel pass untouched.
    #[must_use]
    pub fn intercept(self, authority: CertificateAuthority) -> Self {
        let authority = Some(authority);
        Self { authority, ..self }
    }

    /// Reads the keys of `config`, and builds the proxy.
    ///
    /// # Errors
    ///
    /// If a key cannot be read.
    pub async fn build(
        self,
        config: &Config,
        settings: &ProxySettings,
    ) -> Result<Proxy, ConfigError> {
        let live = config.live_keyring(Arc::clone(&self.transport)).await?;
        let tls = tls::client(self.certificates);
        let state = State::new(config, settings, live, &tls, None);
        let shared = Shared {
            state: ArcSwap::from_pointee(state),
            audit: self.audit,
            pseudonym: Pseudonym::new(),
            reloads: watch::Sender::new(()),
            authority: self.authority,
            transport: self.transport,
            tls,
        };
        Ok(Proxy {
            shared: Arc::new(shared),
        })
    }
}
