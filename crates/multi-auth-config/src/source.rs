//! Sources of secrets.

mod configured;
pub(crate) use configured::{ConfiguredSource, Constant, is_name, meant};
mod command;
pub use command::CommandSource;
mod env;
pub use env::EnvSource;
mod file;
pub use file::FileSource;
mod inline;
pub(crate) use inline::Inline;
#[cfg(feature = "os-keyring")]
mod os_keyring;
#[cfg(feature = "os-keyring")]
pub use os_keyring::OsKeyringSource;
mod origin;
pub(crate) use origin::{existing, may_be_key, shown};
mod problem;
pub use problem::{SourceError, SourceProblem};
mod variable;
mod vault;
pub(crate) use vault::Server;
pub use vault::{VaultProblem, VaultSource};

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use multi_auth::SecretString;
use secrecy::zeroize::Zeroizing;

/// A source of a secret. Each call reads it again.
///
/// ```
/// use async_trait::async_trait;
/// use multi_auth::SecretString;
/// use multi_auth_config::{SecretSource, SourceError};
///
/// #[derive(Debug)]
/// struct Desk;
///
/// #[async_trait]
/// impl SecretSource for Desk {
///     async fn read(&self) -> Result<SecretString, SourceError> {
///         Ok("k-123".into())
///     }
/// }
/// ```
#[async_trait]
pub trait SecretSource: fmt::Debug + Send + Sync {
    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// [`SourceError`] with the reason why it cannot be read.
    async fn read(&self) -> Result<SecretString, SourceError>;
}

#[async_trait]
impl<T: SecretSource + ?Sized> SecretSource for Arc<T> {
    async fn read(&self) -> Result<SecretString, SourceError> {
        (**self).read().await
    }
}

/// The size limit of a secret, in bytes (64 KiB).
const MOST: usize = 64 * 1024;

/// The bytes of a secret, wiped on drop. The vector never grows, because growing leaves a copy
/// behind.
type Bytes = Zeroizing<Vec<u8>>;

fn room() -> Bytes {
    Zeroizing::new(Vec::with_capacity(MOST + 1))
}

/// The secret in `bytes`, without the line break at its end.
fn secret(mut bytes: Bytes) -> Result<SecretString, SourceProblem> {
    if bytes.len() > MOST {
        return Err(SourceProblem::TooLong);
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
    let text = str::from_utf8(&bytes).map_err(|_| SourceProblem::NotText)?;
    // Editors on Windows put a byte order mark before UTF-8. The vendor would refuse a key with it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.is_empty() {
        return Err(SourceProblem::Empty);
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_secret() {
        for (text, expected) in [
            ("\u{feff}user:key\r\n", Some("user:key")),
            ("\u{feff}\u{feff}k", Some("\u{feff}k")),
            ("\u{feff}\r\n", None),
            ("k\u{feff}", Some("k\u{feff}")),
        ] {
            let read = secret(Zeroizing::new(text.into())).ok();
            let read = read.as_ref().map(ExposeSecret::expose_secret);
            assert_eq!(read, expected, "{text:?}");
        }
    }
}
