//! A store in the files of a directory.

mod entry;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use self::entry::EntryFile;
use crate::blocking::blocking;
use crate::directory::Directory;
use crate::local::{self, LocalEntry};
use crate::{
    Lease, Leased, Published, SealingKey, StoreError, StoreKey, Stored, StoredTokens, TokenStore,
};

/// Stores tokens in the files of a directory, sealed with a [`SealingKey`]. All processes of the
/// user share them.
///
/// Each entry is one file of mode 0600, replaced atomically: a process that is killed leaves the
/// old or the new entry. A lease is an exclusive lock on a file beside it, which the operating
/// system releases when the process ends.
///
/// ```no_run
/// use multi_auth_store::{FileStore, SealingKey, StoreKey, StoredAccount};
///
/// # async fn open() -> Result<(), multi_auth_store::StoreError> {
/// let key = SealingKey::from_base64(std::env::var("STORE_KEY").unwrap_or_default())?;
/// let store = FileStore::open("/var/lib/my-app/tokens", key)?;
/// let account = StoredAccount::new(store, StoreKey::new("github", "ada")?);
/// # Ok(())
/// # }
/// ```
///
/// The directory must be on a local file system: locks do not work on every network file system.
#[derive(Clone, Debug)]
pub struct FileStore {
    directory: Directory,
    key: SealingKey,
}

impl FileStore {
    /// Opens the store in `directory`. Creates the directory with mode 0700 if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreProblem::Permissions`](crate::StoreProblem::Permissions) or
    /// [`StoreProblem::Owner`](crate::StoreProblem::Owner) if other users can read or change
    /// the directory, and [`StoreProblem::Io`](crate::StoreProblem::Io) if it cannot be created or
    /// read.
    pub fn open(directory: impl Into<PathBuf>, key: SealingKey) -> Result<Self, StoreError> {
        let directory = Directory::open(directory.into())?.with_names(key.clone());
        Ok(Self { directory, key })
    }

    fn file(&self, key: &StoreKey) -> EntryFile {
        EntryFile::new(self.directory.file_of(key), key.clone(), self.key.clone())
    }
}

#[async_trait]
impl TokenStore for FileStore {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        let file = self.file(key);
        blocking(key, move || file.read()).await
    }

    /// The limit does not matter: the operating system releases the lock of a process that ends.
    async fn lease(&self, key: &StoreKey, _: Duration) -> Result<Leased, StoreError> {
        self.directory.lease(key).await
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        local::publish(self.file(lease.key()), lease, expected, tokens).await
    }
}
