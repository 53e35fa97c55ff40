//! A store that is opened when it is first used.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::Transport;
use multi_auth_store::{
    Acquired, Lease, Leased, Published, Refusals, StoreError, StoreKey, Stored, StoredTokens,
    TokenStore, Wanted,
};

use super::StoreSettings;

/// The store that the file describes. Its keys are read through a transport.
pub(crate) struct ConfiguredStore {
    settings: StoreSettings,
    transport: Arc<dyn Transport>,
}

impl ConfiguredStore {
    pub(super) fn new(settings: StoreSettings, transport: Arc<dyn Transport>) -> Self {
        Self {
            settings,
            transport,
        }
    }

    async fn opened(&self) -> Result<&Arc<dyn TokenStore>, StoreError> {
        self.settings.opened(&self.transport).await
    }
}

#[async_trait]
impl TokenStore for ConfiguredStore {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        self.opened().await?.load(key).await
    }

    async fn lease(&self, key: &StoreKey, limit: Duration) -> Result<Leased, StoreError> {
        self.opened().await?.lease(key, limit).await
    }

    async fn acquire(
        &self,
        key: &StoreKey,
        wanted: &Wanted,
        limit: Duration,
    ) -> Result<Acquired, StoreError> {
        self.opened().await?.acquire(key, wanted, limit).await
    }

    async fn extend(&self, lease: &Lease, limit: Duration) -> Result<bool, StoreError> {
        self.opened().await?.extend(lease, limit).await
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        let store = self.opened().await?;
        store.publish(lease, expected, tokens).await
    }

    async fn publish_and_release(
        &self,
        lease: Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        let store = self.opened().await?;
        store.publish_and_release(lease, expected, tokens).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.opened().await?.release(lease).await
    }

    /// None before the store is opened: a source asks once it has a token of the store.
    fn refusals(&self, key: &StoreKey) -> Option<Refusals> {
        self.settings.if_opened()?.refusals(key)
    }

    async fn pause(&self, lease: Lease, pause: Duration) -> Result<(), StoreError> {
        self.opened().await?.pause(lease, pause).await
    }
}

impl fmt::Debug for ConfiguredStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}
