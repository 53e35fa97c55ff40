//! A simulator of Alphamoon Workspace: `Authorization: Basic base64(user:pass)` on every endpoint.
//! | endpoint | required scope | accepts a process key |
//! |---|---|---|
//! | `GET /api/v0.3/processes` | `workspace.process:read` | no |
//! | `POST /api/v0.3/processes` | `workspace.process:create` | no |
//! | `POST /api/v0.3/processes/{id}/config/reset` | `workspace.process:update` | its own |
//! | `GET`, `POST /api/v0.4/admin/api-keys` | `workspace.admin.api_key:manage` | no |
//! | `DELETE /api/v0.4/admin/api-keys/{id}` | `workspace.admin.api_key:manage` | no |
//! | `GET`, `POST /api/v0.4/processes/{id}/api-keys` | `workspace.process.api_key:manage` | its own |
//!
//! The vendor's pages, <https://alphamoon.gitbook.io/documentation/api>, document the format of
//! requests, responses and errors, the names of scopes, and 201 for a new key. This simulator
//! chooses what they leave open: the scope that an endpoint requires; 401 (with `WWW-Authenticate`)
//! for a missing, unknown, deleted or expired key; 403 for a missing scope or another process; 201
//! for a new process; 204 for a deleted key.

use std::ops::Deref;
use std::sync::Arc;

use crate::{LoopbackServer, SimulatorError};

mod api_keys;
mod authorization;
mod builder;
pub use builder::AlphamoonBuilder;
mod caller;
mod key;
pub use key::AlphamoonKey;
mod problem;
mod process;
mod processes;
mod routes;
mod scope;
mod workspace;
use workspace::Workspace;
#[cfg(test)]
mod tests;

/// A simulator of Alphamoon Workspace. It dereferences to [`LoopbackServer`].
///
/// ```
/// use multi_auth_testing::{AlphamoonKey, AlphamoonSimulator};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let alphamoon = AlphamoonSimulator::start().await?;
/// alphamoon.add_key(AlphamoonKey::new("user:pass").with_scopes(["workspace.process:read"]));
///
/// let processes = || {
///     reqwest::Client::new()
///         .get(format!("{}/api/v0.3/processes", alphamoon.url()))
///         .basic_auth("user", Some("pass"))
///         .send()
/// };
/// assert_eq!(processes().await?.status(), 200);
/// alphamoon.expire_key("user:pass");
/// assert_eq!(processes().await?.status(), 401);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AlphamoonSimulator {
    server: LoopbackServer,
    workspace: Arc<Workspace>,
}

impl AlphamoonSimulator {
    /// Every scope that the vendor documents, for organization keys and process keys.
    pub const SCOPES: &[&str] = scope::ALL;

    /// Starts a simulator on `127.0.0.1` and any free port.
    ///
    /// # Errors
    ///
    /// As [`AlphamoonBuilder::start`].
    pub async fn start() -> Result<Self, SimulatorError> {
        Self::builder().start().await
    }

    /// A builder, for a simulator that needs settings.
    pub fn builder() -> AlphamoonBuilder {
        AlphamoonBuilder::default()
    }

    /// An organization key with every scope: the example of the vendor's page,
    /// `h12shadjada:13ehjhj1b3j`.
    #[must_use]
    pub fn organization_key(&self) -> &'static str {
        workspace::ORGANIZATION_KEY
    }

    /// A key with every scope for the process [`process_id`](Self::process_id) only.
    #[must_use]
    pub fn process_key(&self) -> &'static str {
        workspace::PROCESS_KEY
    }

    /// The process of [`process_key`](Self::process_key).
    #[must_use]
    pub fn process_id(&self) -> &'static str {
        workspace::PROCESS
    }

    /// A process that refuses [`process_key`](Self::process_key) with 403.
    #[must_use]
    pub fn other_process_id(&self) -> &'static str {
        workspace::OTHER_PROCESS
    }

    /// Adds a key. It replaces a key with the same value.
    pub fn add_key(&self, key: AlphamoonKey) {
        self.workspace.add_key(key);
    }

    /// Deletes a key: requests with it get 401 from now on.
    pub fn revoke_key(&self, key: &str) {
        self.workspace.remove_key(|known| known.value == key);
    }

    /// Expires a key: requests with it get 401 from now on. It stays in the lists of keys.
    pub fn expire_key(&self, key: &str) {
        self.workspace.expire_key(key);
    }
}

impl Deref for AlphamoonSimulator {
    type Target = LoopbackServer;

    fn deref(&self) -> &LoopbackServer {
        &self.server
    }
}
