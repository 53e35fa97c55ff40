//! A store in the keyring of the operating system.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error};
use secrecy::zeroize::{Zeroize, Zeroizing};

use crate::blocking::blocking;
use crate::directory::Directory;
use crate::{
    Lease, Leased, Published, StoreError, StoreKey, StoreProblem, Stored, StoredTokens, TokenStore,
    codec,
};

/// Stores tokens in the operating system's keyring: the Keychain on macOS, the Credential Manager
/// on Windows, the kernel's session keyring on Linux. A restart of a Linux machine removes them.
///
/// If the program has set a default store of `keyring-core`, such as the Secret Service of Linux
/// desktops, that one is used.
///
/// Keyrings have no locks, so leases are locks on files in a directory.
///
/// ```no_run
/// use multi_auth_store::{OsKeyringStore, StoreKey, StoredAccount};
///
/// # fn main() -> Result<(), multi_auth_store::StoreError> {
/// let store = OsKeyringStore::new("my-app", "/run/user/1000/my-app")?;
/// let account = StoredAccount::new(store, StoreKey::new("github", "ada")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OsKeyringStore {
    service: String,
    locks: Directory,
}

impl OsKeyringStore {
    /// Stores tokens under `service`, and locks files in `lock_directory`, which is created with
    /// mode 0700 if it does not exist.
    ///
    /// # Errors
    ///
    /// [`StoreProblem::Name`] if `service` is empty, and as
    /// [`FileStore::open`](crate::FileStore::open) for the directory.
    pub fn new(
        service: impl Into<String>,
        lock_directory: impl Into<PathBuf>,
    ) -> Result<Self, StoreError> {
        let service = service.into();
        if service.is_empty() {
            return Err(StoreError::new("the service", StoreProblem::Name));
        }
        let locks = Directory::open(lock_directory.into())?;
        Ok(Self { service, locks })
    }

    fn entry(&self, key: &StoreKey) -> Result<Entry, StoreProblem> {
        let user = key.file_stem();
        let store = keyring_core::get_default_store().map_or_else(native, Ok);
        store
            .and_then(|store| store.build(&self.service, &user, None))
            .map_err(problem)
    }

    fn read(&self, key: &StoreKey) -> Result<Stored, StoreProblem> {
        match self.entry(key)?.get_secret() {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                codec::decode(&bytes).ok_or(StoreProblem::Malformed)
            }
            Err(Error::NoEntry) => Ok(Stored::default()),
            Err(error) => Err(problem(error)),
        }
    }
}

#[async_trait]
impl TokenStore for OsKeyringStore {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        let (store, entry) = (self.clone(), key.clone());
        blocking(key, move || store.read(&entry)).await
    }

    /// The limit does not matter: the operating system releases the lock of a process that ends.
    async fn lease(&self, key: &StoreKey, _: Duration) -> Result<Leased, StoreError> {
        self.locks.lease(key).await
    }

    async fn publish(
        &self,
        lease: &Lease,
        expected: u64,
        tokens: &StoredTokens,
    ) -> Result<Published, StoreError> {
        let (store, entry, tokens) = (self.clone(), lease.key().clone(), tokens.clone());
        // If this future is dropped, the thread goes on, and the lock must last as long.
        let guard = lease.guard();
        blocking(lease.key(), move || {
            let _guard = guard;
            if store.read(&entry)?.revision != expected {
                return Ok(Published::Conflict);
            }
            let revision = expected + 1;
            let bytes = codec::encode(&Stored { revision, tokens });
            store.entry(&entry)?.set_secret(&bytes).map_err(problem)?;
            Ok(Published::Stored(revision))
        })
        .await
    }

    async fn release(&self, _: Lease) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Maps a keyring's error without repeating it: it may contain the secret.
fn problem(error: Error) -> StoreProblem {
    match error {
        Error::TooLong(..) => StoreProblem::TooLarge,
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            StoreProblem::Malformed
        }
        // Stores may add their own kinds.
        _ => StoreProblem::OsKeyring,
    }
}

#[cfg(target_os = "linux")]
fn native() -> Result<Arc<CredentialStore>, Error> {
    Ok(linux_keyutils_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn native() -> Result<Arc<CredentialStore>, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn native() -> Result<Arc<CredentialStore>, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn native() -> Result<Arc<CredentialStore>, Error> {
    Err(Error::NoDefaultStore)
}
