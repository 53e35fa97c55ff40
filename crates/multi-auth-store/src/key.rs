//! What an entry of a store is found by: the vendor and the account.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoreKey {
    vendor: String,
    account: String,
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
        })
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

    /// Both names. The length in front keeps `("a", "bc")` and `("ab", "c")` apart.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let vendor = self.vendor.as_bytes();
        let len = u16::try_from(vendor.len()).unwrap_or(u16::MAX);
        [&len.to_be_bytes(), vendor, self.account.as_bytes()].concat()
    }

    /// A name that every file system accepts: 32 hexadecimal digits of the SHA-256 of both names.
    pub(crate) fn file_stem(&self) -> String {
        let hash = digest(&SHA256, &self.to_bytes());
        hash.as_ref()[..16]
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
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
