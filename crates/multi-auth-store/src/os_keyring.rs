//! A store in the keyring of the operating system.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::{CredentialStore, Entry, Error};
use secrecy::zeroize::{Zeroize, Zeroizing};

use crate::blocking::blocking;
use crate::directory::Directory;
use crate::local::{self, LocalEntry};
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

    fn entry(&self, key: &StoreKey) -> KeyringEntry {
        KeyringEntry {
            service: self.service.clone(),
            user: key.file_stem(),
        }
    }
}

/// The entry of `user` for `service`.
struct KeyringEntry {
    service: String,
    user: String,
}

impl KeyringEntry {
    fn open(&self) -> Result<Entry, StoreProblem> {
        let store = keyring_core::get_default_store().map_or_else(native, Ok);
        store
            .and_then(|store| store.build(&self.service, &self.user, None))
            .map_err(problem)
    }
}

impl LocalEntry for KeyringEntry {
    fn read(&self) -> Result<Stored, StoreProblem> {
        match self.open()?.get_secret() {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                codec::decode(&bytes).ok_or(StoreProblem::Malformed)
            }
            Err(Error::NoEntry) => Ok(Stored::default()),
            Err(error) => Err(problem(error)),
        }
    }

    fn replace(&self, stored: &Stored) -> Result<(), StoreProblem> {
        let bytes = codec::encode(stored);
        self.open()?.set_secret(&bytes).map_err(problem)
    }
}

#[async_trait]
impl TokenStore for OsKeyringStore {
    async fn load(&self, key: &StoreKey) -> Result<Stored, StoreError> {
        let entry = self.entry(key);
        blocking(key, move || entry.read()).await
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
        local::publish(self.entry(lease.key()), lease, expected, tokens).await
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
