//! A field of a secret in HashiCorp Vault, KV version 2. OpenBao has the same API.
//!
//! ```text
//! GET /v1/secret/data/vendors/reports
//! X-Vault-Token: hvs.CAES...
//!
//! {"data": {"data": {"api_key": "k-123"}, "metadata": {...}}}
//! ```
//!
//! <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version>

mod field;
mod response;
mod secret_path;
pub(crate) use secret_path::SecretPath;
mod problem;
pub use problem::VaultProblem;
mod server;
pub(crate) use server::Server;

use std::sync::Arc;

use async_trait::async_trait;
use multi_auth::{SecretString, Transport};

use super::{SecretSource, SourceError};

/// A field of a secret in Vault: its newest version, by KV version 2.
///
/// Each read gets the token from its source first, so an agent may replace it at any time.
/// Redirects are not followed, and no error repeats a response.
///
/// ```
/// use multi_auth::Transport;
/// use multi_auth_config::{FileSource, SourceError, VaultSource};
///
/// # fn main() {}
/// # fn source(transport: impl Transport + 'static) -> Result<VaultSource, SourceError> {
/// let token = FileSource::new("/run/secrets/vault-token");
/// let address = "https://vault.example.com:8200";
/// VaultSource::new(transport, address, token, "secret/vendors/reports#api_key")
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct VaultSource {
    server: Server,
    location: SecretPath,
    transport: Arc<dyn Transport>,
}

impl VaultSource {
    /// The secret at `location`, written `mount/path#field`, in the Vault at `url`. `token` is the
    /// source of its token. Requests go through `transport`, which sets their time limit.
    ///
    /// # Errors
    ///
    /// [`VaultProblem::Url`] if `url` is not absolute, is plain http to a host that is not a
    /// loopback address, or has a user, password, query or fragment in it;
    /// [`VaultProblem::Location`] if `location` has another form.
    pub fn new(
        transport: impl Transport + 'static,
        url: &str,
        token: impl SecretSource + 'static,
        location: &str,
    ) -> Result<Self, SourceError> {
        let server = Server::new(url, Arc::new(token))?;
        Ok(Self {
            location: server.locate(location)?,
            server,
            transport: Arc::new(transport),
        })
    }

    /// Reads from a namespace, as in `team/reports`.
    ///
    /// # Errors
    ///
    /// [`VaultProblem::Path`] if the namespace is not a path of names with single slashes.
    pub fn with_namespace(self, namespace: &str) -> Result<Self, SourceError> {
        Ok(Self {
            server: self.server.with_namespace(namespace)?,
            ..self
        })
    }

    /// Sets a mount with a slash in its name, as in `kv/team`. By default, the mount is the first
    /// part of the location.
    ///
    /// # Errors
    ///
    /// [`VaultProblem::Path`] if the mount is not a path of names with single slashes, or if the location is not below it.
    pub fn with_mount(self, mount: &str) -> Result<Self, SourceError> {
        let location = self.location.below(mount)?;
        Ok(Self { location, ..self })
    }
}

#[async_trait]
impl SecretSource for VaultSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        self.server.read(&self.location, &self.transport).await
    }
}
