//! The store of tokens that the file describes.

mod configured;
pub(crate) use configured::ConfiguredStore;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use multi_auth::{SecretString, Transport};
use multi_auth_store::{
    FileStore, SealingKey, StoreError, StoreKey, StoreProblem, StoredAccount, TokenStore,
};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::SecretSource;
use crate::source::ConfiguredSource;

/// Where the tokens are, and where the keys of the store come from.
#[derive(Clone, Debug)]
pub(crate) struct StoreSettings {
    place: StorePlace,
    key: ConfiguredSource,
    previous_keys: Vec<ConfiguredSource>,
    /// The store, which all vendors share once it is open.
    opened: OpenedStore,
}

/// The store of a configuration, once it is open.
pub(crate) type OpenedStore = Arc<OnceCell<Arc<dyn TokenStore>>>;

/// Where the tokens are.
#[derive(Clone, Debug)]
pub(crate) enum StorePlace {
    /// In the files of this directory.
    Directory(PathBuf),
    /// On a Redis server.
    Redis(Box<RedisSettings>),
}

/// A Redis server.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "redis"),
    expect(dead_code, reason = "the feature reads them")
)]
pub(crate) struct RedisSettings {
    pub(crate) url: String,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<ConfiguredSource>,
    pub(crate) root_certificates: Option<PathBuf>,
    pub(crate) dangerous_plain_tcp: bool,
    pub(crate) naming_key: Option<ConfiguredSource>,
}

/// How long the keys of the store may take to be read.
const OPENING: Duration = Duration::from_secs(60);

impl StoreSettings {
    pub(crate) fn new(
        place: StorePlace,
        key: ConfiguredSource,
        previous_keys: Vec<ConfiguredSource>,
    ) -> Self {
        Self {
            place,
            key,
            previous_keys,
            opened: Arc::default(),
        }
    }

    /// The store. Its keys are read through `transport` when the store is first used.
    pub(crate) fn open(&self, transport: &Arc<dyn Transport>) -> ConfiguredStore {
        ConfiguredStore::new(self.clone(), Arc::clone(transport))
    }

    /// Reads and replaces an entry without tokens, which each check uses.
    pub(crate) async fn check(&self, transport: &Arc<dyn Transport>) -> Result<(), StoreError> {
        let store = self.opened(transport).await?;
        let account = StoredAccount::new(Arc::clone(store), StoreKey::new("multi-auth", "check")?);
        // Another process may have sealed it with another key.
        let tokens = account.tokens().await?;
        account.replace(&tokens).await
    }

    /// Whether processes of several machines share it.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.place, StorePlace::Redis(_))
    }

    /// Opens the store anew, in `opened`, which all vendors share.
    pub(crate) fn reopen_in(&mut self, opened: &OpenedStore) {
        self.opened = Arc::clone(opened);
    }

    /// Uses `source` wherever the file names it `name`. Returns whether the file does.
    pub(crate) fn give(&mut self, name: &str, source: &Arc<dyn SecretSource>) -> bool {
        let mut sources: Vec<_> = [&mut self.key]
            .into_iter()
            .chain(&mut self.previous_keys)
            .collect();
        if let StorePlace::Redis(server) = &mut self.place {
            sources.extend(server.password.iter_mut().chain(&mut server.naming_key));
        }
        sources
            .into_iter()
            .fold(false, |given, own| own.give(name, source) | given)
    }

    fn if_opened(&self) -> Option<&Arc<dyn TokenStore>> {
        self.opened.get()
    }

    async fn opened(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<&Arc<dyn TokenStore>, StoreError> {
        self.opened
            .get_or_try_init(|| self.connect_in_time(transport))
            .await
    }

    /// A source of the program may never return.
    async fn connect_in_time(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<dyn TokenStore>, StoreError> {
        let connected = timeout(OPENING, self.connect(transport)).await;
        connected.unwrap_or_else(|_| {
            let late = io::Error::from(io::ErrorKind::TimedOut);
            let problem = StoreProblem::Unavailable(Box::new(late));
            Err(StoreError::new("the source of the store's keys", problem))
        })
    }

    async fn connect(
        &self,
        transport: &Arc<dyn Transport>,
    ) -> Result<Arc<dyn TokenStore>, StoreError> {
        let mut key = sealing_key(&self.key, transport).await?;
        for previous in &self.previous_keys {
            key = key.with_previous(sealing_key(previous, transport).await?);
        }
        match &self.place {
            StorePlace::Directory(directory) => Ok(Arc::new(FileStore::open(directory, key)?)),
            #[cfg(feature = "redis")]
            StorePlace::Redis(server) => Ok(Arc::new(server.connect(key, transport).await?)),
            #[cfg(not(feature = "redis"))]
            StorePlace::Redis(_) => Err(StoreError::new(
                "the token store",
                StoreProblem::Address("needs the feature `redis`"),
            )),
        }
    }
}

#[cfg(feature = "redis")]
mod redis;

#[cfg(not(feature = "redis"))]
impl RedisSettings {
    #[expect(clippy::unused_self, reason = "the feature reads it")]
    pub(crate) fn check(&self) -> Result<(), crate::Advice> {
        Err(crate::Advice::new(
            "needs the feature `redis` of multi-auth-config",
            "build the program with it, or use `directory`",
        ))
    }
}

async fn sealing_key(
    source: &ConfiguredSource,
    transport: &Arc<dyn Transport>,
) -> Result<SealingKey, StoreError> {
    SealingKey::from_base64(secret(source, "the sealing key", transport).await?)
}

async fn secret(
    source: &ConfiguredSource,
    what: &str,
    transport: &Arc<dyn Transport>,
) -> Result<SecretString, StoreError> {
    let secret = source.read(transport).await;
    secret.map_err(|error| StoreError::new(what, StoreProblem::Unavailable(Box::new(error))))
}
