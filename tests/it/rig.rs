//! Simulators with a keyring for them: what most scenarios start from.

use std::time::Duration;

use multi_auth::{Alphamoon, Bearer, Immuta, Keyring};
use multi_auth_testing::{AlphamoonSimulator, ImmutaSimulator};

use crate::adapter::{Adapter, Client};

/// Immuta with a token, through one adapter.
pub(crate) struct ImmutaRig {
    pub(crate) server: ImmutaSimulator,
    pub(crate) bearer: Bearer,
    pub(crate) keyring: Keyring,
    pub(crate) client: Client,
}

impl ImmutaRig {
    pub(crate) async fn start(adapter: Adapter) -> Self {
        Self::with(adapter, |bearer| bearer).await
    }

    /// The same with settings for the bearer.
    pub(crate) async fn with(
        adapter: Adapter,
        settings: impl FnOnce(multi_auth::BearerBuilder) -> multi_auth::BearerBuilder,
    ) -> Self {
        let server = ImmutaSimulator::start().await.unwrap();
        let immuta = Immuta::new(server.url()).unwrap();
        let builder = immuta
            .bearer_builder(server.api_key(), adapter.transport())
            .unwrap();
        let bearer = settings(builder).build();
        let keyring = Keyring::builder()
            .bind(immuta.protection_space(), bearer.clone())
            .unwrap()
            .build();
        let client = adapter.client(&keyring);
        Self {
            server,
            bearer,
            keyring,
            client,
        }
    }

    /// The same with no pause between failed token requests.
    pub(crate) async fn impatient(adapter: Adapter) -> Self {
        Self::with(adapter, |bearer| {
            bearer.backoff(Duration::ZERO, Duration::ZERO)
        })
        .await
    }

    pub(crate) fn audit(&self) -> String {
        format!("{}/audit", self.server.url())
    }

    /// How many requests came to the API itself.
    pub(crate) fn api_requests(&self) -> usize {
        self.server.requests_to("/audit").len()
    }
}

/// Alphamoon with an organization's key, through one adapter.
pub(crate) async fn alphamoon(adapter: Adapter) -> (AlphamoonSimulator, Client) {
    let server = AlphamoonSimulator::start().await.unwrap();
    let alphamoon = Alphamoon::new(server.url()).unwrap();
    let key = alphamoon
        .organization_key(server.organization_key())
        .unwrap();
    let keyring = Keyring::builder()
        .bind(alphamoon.protection_space(), key)
        .unwrap()
        .build();
    let client = adapter.client(&keyring);
    (server, client)
}

pub(crate) fn processes(server: &AlphamoonSimulator) -> String {
    format!("{}/api/v0.3/processes", server.url())
}
