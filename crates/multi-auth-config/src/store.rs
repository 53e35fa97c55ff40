//! The store of tokens that the file describes.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use multi_auth::Transport;
use multi_auth_store::{
    FileStore, Lease, Leased, Published, SealingKey, StoreError, StoreKey, StoreProblem, Stored,
    StoredTokens, TokenStore,
};
use tokio::sync::OnceCell;

use crate::source::ConfiguredSource;

/// A directory of sealed files, and where their key comes from.
#[derive(Clone, Debug)]
pub(crate) struct StoreSettings {
    pub(crate) directory: PathBuf,
    pub(crate) key: ConfiguredSource,
}

impl StoreSettings {
    /// The store. Its key is read through `transport` when the store is first used.
    pub(crate) fn open(&self, transport: &Arc<dyn Transport>) -> ConfiguredStore {
        ConfiguredStore {
            settings: self.clone(),
            transport: Arc::clone(transport),
            opened: OnceCell::new(),
        }
    }
}

/// A store that is opened when it is first used.
pub(crate) struct ConfiguredStore {
    settings: StoreSettings,
    transport: Arc<dyn Transport>,
    opened: OnceCell<FileStore>,
}

impl ConfiguredStore {
    async fn opened(&self) -> Result<&FileStore, StoreError> {
        self.opened.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<FileStore, StoreError> {
        let key = self.settings.key.read(&self.transport).await;
        let key = key.map_err(|error| {
            let problem = StoreProblem::Unavailable(Box::new(error));
            StoreError::new("the sealing key", problem)
        })?;
        FileStore::open(&self.settings.directory, SealingKey::from_base64(key)?)
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

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        let store = self.opened().await?;
        store.publish(lease, expected, tokens).await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.opened().await?.release(lease).await
    }
}

impl fmt::Debug for ConfiguredStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}
