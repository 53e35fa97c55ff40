//! The operating system's keyring, through the stores of `keyring-core`.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::{CredentialStore, Error};
use multi_auth::SecretString;
use secrecy::zeroize::Zeroize;
use tokio::time::timeout;

use super::{SecretSource, SourceError, SourceProblem, origin, secret};

/// A secret in the operating system's keyring: the Keychain on macOS, the Credential Manager on
/// Windows, the kernel's session keyring on Linux. There, `keyctl padd user
/// keyring:<user>@<service> @s` adds one, and a restart of the machine removes it.
///
/// If the program has set a default store of `keyring-core`, that one is read, such as the Secret
/// Service of Linux desktops.
///
/// ```
/// # fn main() -> Result<(), multi_auth_config::SourceError> {
/// use multi_auth_config::OsKeyringSource;
///
/// let source = OsKeyringSource::new("multi-auth", "reports")?;
/// # Ok(())
/// # }
/// ```
///
/// A read may take 30 s. If the keyring asks the user to unlock it, its thread keeps waiting.
#[derive(Clone, Debug)]
pub struct OsKeyringSource {
    service: String,
    user: String,
}

const LIMIT: Duration = Duration::from_secs(30);

impl OsKeyringSource {
    /// The entry of `user` for `service`.
    ///
    /// # Errors
    ///
    /// [`SourceProblem::Empty`] if one of them is empty. Some keyrings would match any entry.
    pub fn new(service: impl Into<String>, user: impl Into<String>) -> Result<Self, SourceError> {
        let (service, user) = (service.into(), user.into());
        if service.is_empty() || user.is_empty() {
            let what = "the service or user of a keyring's entry";
            return Err(SourceError::new(what, SourceProblem::Empty));
        }
        Ok(Self { service, user })
    }
}

#[async_trait]
impl SecretSource for OsKeyringSource {
    async fn read(&self) -> Result<SecretString, SourceError> {
        let Self { service, user } = self.clone();
        // A keyring may wait until the user unlocks it.
        let look = tokio::task::spawn_blocking(move || look(&service, &user));
        let looked = match timeout(LIMIT, look).await {
            Ok(Ok(looked)) => looked,
            Ok(Err(_)) => Err(SourceProblem::NoKeyring),
            Err(_) => Err(SourceProblem::TimedOut(LIMIT.as_secs())),
        };
        looked.map_err(|problem| SourceError::new(origin::os_keyring(), problem))
    }
}

fn look(service: &str, user: &str) -> Result<SecretString, SourceProblem> {
    let store = keyring_core::get_default_store()
        .map_or_else(native, Ok)
        .map_err(problem)?;
    let entry = store.build(service, user, None).map_err(problem)?;
    // On Windows the text of an entry is not UTF-8.
    let password = entry.get_password().map_err(problem)?;
    secret(password.into_bytes().into())
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

/// Maps a store's error without repeating it: it may contain the secret.
///
/// This is a function because `impl From` would make `keyring-core` a part of the public API.
fn problem(error: Error) -> SourceProblem {
    match error {
        Error::NoEntry | Error::Invalid(..) | Error::TooLong(..) => SourceProblem::Missing,
        Error::NoStorageAccess(_) => SourceProblem::Locked,
        Error::Ambiguous(_) => SourceProblem::Ambiguous,
        Error::BadEncoding(mut bytes) | Error::BadDataFormat(mut bytes, _) => {
            bytes.zeroize();
            SourceProblem::NotText
        }
        // Stores may add their own kinds.
        _ => SourceProblem::NoKeyring,
    }
}
