//! What an entry of a store is found by: the vendor and the account.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256, digest};
use multi_auth::{ProtectionSpace, SecretString};
use secrecy::ExposeSecret;

use crate::seal::hexadecimal;
use crate::{StoreError, StoreProblem};

/// Names an entry of a [`TokenStore`](crate::TokenStore): a vendor, and an account at it.
///
/// ```
/// use multi_auth_store::StoreKey;
///
/// # fn main() -> Result<(), multi_auth_store::StoreError> {
/// let key = StoreKey::new("github", "ada@example.com")?;
/// assert_eq!(key.to_string(), "github (ada@example.com)");
/// # Ok(())
/// # }
/// ```
///
/// `Debug` does not print the credential that [`with_credential`](Self::with_credential) was given.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StoreKey {
    vendor: String,
    account: String,
    space: Option<String>,
    credential: Option<[u8; 32]>,
}

const MAX_LEN: usize = 256;

impl StoreKey {
    /// The entry of `account` at `vendor`.
    ///
    /// # Errors
    ///
    /// [`StoreProblem::Name`] if either is empty, is longer than 256 bytes, or has a control
    /// character.
    pub fn new(vendor: &str, account: &str) -> Result<Self, StoreError> {
        for (what, name) in [("the vendor", vendor), ("the account", account)] {
            if name.is_empty() || name.len() > MAX_LEN || name.chars().any(char::is_control) {
                return Err(StoreError::new(what, StoreProblem::Name));
            }
        }
        Ok(Self {
            vendor: vendor.to_owned(),
            account: account.to_owned(),
            space: None,
            credential: None,
        })
    }

    /// The entry for tokens that are sent to `space` only. It is another entry than that of the
    /// same account for another space, so two deployments that share a store never send each
    /// other's tokens.
    #[must_use]
    pub fn with_protection_space(self, space: &ProtectionSpace) -> Self {
        let space = Some(format!("{}{}", space.origin(), space.path()));
        Self { space, ..self }
    }

    /// The entry for tokens that are requested with `credential`, such as an API key: the tokens of
    /// an older key are never used for a newer one. Several credentials count together, in their
    /// order.
    #[must_use]
    pub fn with_credential(self, credential: &SecretString) -> Self {
        let mut hash = Context::new(&SHA256);
        hash.update(&self.credential.unwrap_or_default());
        hash.update(credential.expose_secret().as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(hash.finish().as_ref());
        Self {
            credential: Some(bytes),
            ..self
        }
    }

    /// The same entry for another account.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_account(self, account: &str) -> Result<Self, StoreError> {
        let Self { account, .. } = Self::new(&self.vendor, account)?;
        Ok(Self { account, ..self })
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> &str {
        &self.vendor
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// All parts. The length in front keeps `("a", "bc")` and `("ab", "c")` apart. A name has no
    /// control character, so 0 and 1 begin the other parts.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let vendor = self.vendor.as_bytes();
        let len = u16::try_from(vendor.len()).unwrap_or(u16::MAX);
        let mut bytes = [&len.to_be_bytes(), vendor, self.account.as_bytes()].concat();
        if let Some(space) = &self.space {
            bytes.push(0);
            bytes.extend_from_slice(space.as_bytes());
        }
        if let Some(credential) = &self.credential {
            bytes.push(1);
            bytes.extend_from_slice(credential);
        }
        bytes
    }

    /// Whether a hash of a credential is part of it, which is not for everyone to see.
    pub(crate) fn has_credential(&self) -> bool {
        self.credential.is_some()
    }

    /// A name that every file system accepts: 32 hexadecimal digits of the SHA-256 of both names.
    pub(crate) fn file_stem(&self) -> String {
        hexadecimal(&digest(&SHA256, &self.to_bytes()).as_ref()[..16])
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreKey")
            .field("vendor", &self.vendor)
            .field("account", &self.account)
            .field("space", &self.space)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.vendor, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_join_to_the_same_text_are_different_entries() {
        let stem = |vendor, account| StoreKey::new(vendor, account).unwrap().file_stem();
        assert_ne!(stem("a", "bc"), stem("ab", "c"));
        assert_eq!(stem("a", "bc"), stem("a", "bc"));
        assert_eq!(stem("../..", "/etc/passwd").len(), 32);
    }

    #[test]
    fn an_invalid_name_is_refused() {
        for name in ["", "a\nb", &"x".repeat(257)] {
            assert!(StoreKey::new(name, "a").is_err());
            assert!(StoreKey::new("a", name).is_err());
        }
    }
}
