//! Three simulated vendors, and the configuration file that describes them.

use std::path::PathBuf;

use http::StatusCode;
use multi_auth_testing::{
    AlphamoonKey, AlphamoonSimulator, ImmutaSimulator, RecordedRequest, ScriptedResponse,
    ScriptedServer,
};
use tempfile::TempDir;

use super::Failure;

const NEWER: &str = "newer:key";

pub(crate) struct Vendors {
    alphamoon: AlphamoonSimulator,
    warehouse: ImmutaSimulator,
    /// An API whose tokens come from OAuth client credentials.
    orders: ScriptedServer,
    directory: TempDir,
}

impl Vendors {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let vendors = Self {
            alphamoon: AlphamoonSimulator::start().await?,
            warehouse: ImmutaSimulator::start().await?,
            orders: ScriptedServer::start().await?,
            directory: tempfile::tempdir()?,
        };
        vendors.orders.respond_with(order);
        vendors.write("multi-auth.toml", &vendors.document())?;
        vendors.write("alphamoon.key", vendors.alphamoon.organization_key())?;
        vendors.write("warehouse.key", vendors.warehouse.api_key())?;
        vendors.write("orders.key", "client-secret")?;
        Ok(vendors)
    }

    fn document(&self) -> String {
        let (alphamoon, warehouse) = (self.alphamoon.url(), self.warehouse.url());
        let orders = self.orders.url();
        format!(
            r#"
            [vendors.alphamoon]
            preset = "alphamoon"
            url = "{alphamoon}"
            key = {{ file = "alphamoon.key" }}

            [vendors.warehouse]
            preset = "immuta"
            url = "{warehouse}"
            key = {{ file = "warehouse.key" }}

            [vendors.orders]
            url = "{orders}/v1"
            scheme = "client_credentials"
            token_url = "{orders}/token"
            client_id = "my-app"
            scope = "orders.read"
            key = {{ file = "orders.key" }}
            "#
        )
    }

    /// Replaces a file at once, so that no reader sees half of it.
    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?; // for this user only
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(self.directory.path().join(name))?;
        Ok(())
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.directory.path().join("multi-auth.toml")
    }

    /// One URL of each vendor.
    pub(crate) fn urls(&self) -> [(&'static str, String); 3] {
        [
            (
                "alphamoon",
                format!("{}/api/v0.3/processes", self.alphamoon.url()),
            ),
            ("warehouse", format!("{}/audit", self.warehouse.url())),
            ("orders", format!("{}/v1/orders", self.orders.url())),
        ]
    }

    /// Creates a newer key at the vendor, and puts it where the service reads it.
    pub(crate) fn rotate(&self) -> Result<(), Failure> {
        self.alphamoon.add_key(AlphamoonKey::new(NEWER));
        self.write("alphamoon.key", NEWER)
    }

    /// Whether the newer key has been sent.
    pub(crate) fn has_seen_the_newer_key(&self) -> bool {
        let newer = "Basic bmV3ZXI6a2V5"; // newer:key
        let requests = self.alphamoon.requests();
        let sent = requests
            .iter()
            .filter_map(|request| request.header("authorization"));
        sent.into_iter().any(|sent| sent == newer)
    }

    pub(crate) fn revoke_the_older_key(&self) {
        self.alphamoon.revoke_key(self.alphamoon.organization_key());
    }
}

/// The token endpoint of the third vendor, and its API.
fn order(request: &RecordedRequest) -> ScriptedResponse {
    let token = serde_json::json!({
        "access_token": "t-1", "token_type": "Bearer", "expires_in": 3600,
    });
    let client = "Basic bXktYXBwOmNsaWVudC1zZWNyZXQ="; // my-app:client-secret
    match (request.path.as_str(), request.header("authorization")) {
        ("/token", Some(given)) if given == client => ScriptedResponse::default().with_json(&token),
        ("/v1/orders", Some("Bearer t-1")) => ScriptedResponse::default().with_body("[]"),
        _ => ScriptedResponse::new(StatusCode::UNAUTHORIZED),
    }
}
