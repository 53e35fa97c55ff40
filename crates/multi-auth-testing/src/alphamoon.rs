//! A simulator of Alphamoon Workspace: `Authorization: Basic base64(user:pass)` on every endpoint.
//!
//! | endpoint | scope | a process key |
//! |---|---|---|
//! | `GET /api/v0.3/processes` | `workspace.process:read` | no |
//! | `POST /api/v0.3/processes` | `workspace.process:create` | no |
//! | `POST /api/v0.3/processes/{id}/config/reset` | `workspace.process:update` | its own |
//! | `GET`, `POST /api/v0.4/admin/api-keys` | `workspace.admin.api_key:manage` | no |
//! | `DELETE /api/v0.4/admin/api-keys/{id}` | `workspace.admin.api_key:manage` | no |
//! | `GET`, `POST /api/v0.4/processes/{id}/api-keys` | `workspace.process.api_key:manage` | its own |
//!
//! The shapes of requests, answers and errors, the names of the scopes and 201 for a new key are those
//! of the vendor's pages, <https://alphamoon.gitbook.io/documentation/api>. Not documented, and
//! chosen here: which scope an endpoint asks for, 401 (with `WWW-Authenticate`) for a key that is
//! missing, unknown, deleted or expired, 403 for a missing scope or another process, 201 for a new
//! process, 204 for a deleted key.

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

/// A simulator of Alphamoon Workspace. It is a [`LoopbackServer`] too.
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
    /// Every scope that the vendor documents, for organization keys or for process keys.
    pub const SCOPES: &[&str] = scope::ALL;

    /// Starts a simulator on `127.0.0.1` and any free port.
    ///
    /// # Errors
    ///
    /// As [`AlphamoonBuilder::start`].
    pub async fn start() -> Result<Self, SimulatorError> {
        Self::builder().start().await
    }

    /// Starts a simulator that needs settings.
    pub fn builder() -> AlphamoonBuilder {
        AlphamoonBuilder::default()
    }

    /// A key of the organization with every scope: the vendor's own example, `h12shadjada:13ehjhj1b3j`.
    #[must_use]
    pub fn organization_key(&self) -> &'static str {
        workspace::ORGANIZATION_KEY
    }

    /// A key with every scope, of the process [`process_id`](Self::process_id) only.
    #[must_use]
    pub fn process_key(&self) -> &'static str {
        workspace::PROCESS_KEY
    }

    /// The process of [`process_key`](Self::process_key).
    #[must_use]
    pub fn process_id(&self) -> &'static str {
        workspace::PROCESS
    }

    /// A process that [`process_key`](Self::process_key) may not touch.
    #[must_use]
    pub fn other_process_id(&self) -> &'static str {
        workspace::OTHER_PROCESS
    }

    /// Adds a key, in place of one with the same value.
    pub fn add_key(&self, key: AlphamoonKey) {
        self.workspace.add_key(key);
    }

    /// Deletes a key: it gives 401 from now on.
    pub fn revoke_key(&self, key: &str) {
        self.workspace.remove_key(|known| known.value == key);
    }

    /// Lets a key expire: it stays in the lists, and gives 401 from now on.
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
