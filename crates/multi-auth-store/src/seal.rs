//! Seals entries with AES-256-GCM.
//!
//! `multi-auth-store/1\n` `<16 hexadecimal digits of the key's ID>\n` `<nonce, 12 bytes>`
//! `<ciphertext and tag>`

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth::SecretString;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use crate::{StoreError, StoreKey, StoreProblem, Unreadable};

/// A key that seals entries with AES-256-GCM, so that they can be neither read nor changed
/// without it, and the entry of one account is not accepted for another.
///
/// It is 32 random bytes in base64, from any secret source: `openssl rand -base64 32` creates one.
///
/// ```
/// use multi_auth_store::SealingKey;
///
/// # fn main() -> Result<(), multi_auth_store::StoreError> {
/// let key = SealingKey::from_base64("l7Ut1a0F9bRJBZxl9p1o0BRC3O1kRzKqkSmDqQm0M2U=")?;
/// # Ok(())
/// # }
/// ```
///
/// To change the key, give the old one with [`with_previous`](Self::with_previous): entries are
/// sealed with the new key when they are next published.
///
/// `Debug` prints only the ID of the key.
#[derive(Clone)]
pub struct SealingKey {
    key: Arc<RandomizedNonceKey>,
    names: Arc<hmac::Key>,
    id: String,
    previous: Vec<SealingKey>,
}

const HEADER: &str = "multi-auth-store/1\n";
const KEY_LEN: usize = 32;
const ID_LEN: usize = 16;

impl SealingKey {
    /// The key of 32 bytes that `text` is the base64 of. Space around it is ignored.
    ///
    /// # Errors
    ///
    /// [`StoreProblem::SealingKey`] if `text` is something else.
    pub fn from_base64(text: impl Into<SecretString>) -> Result<Self, StoreError> {
        let invalid = || StoreError::new("the sealing key", StoreProblem::SealingKey);
        let text = text.into();
        // The reader may use a few bytes more than it returns.
        let mut bytes = Zeroizing::new([0; KEY_LEN + 4]);
        let len = STANDARD
            .decode_slice(text.expose_secret().trim(), &mut *bytes)
            .map_err(|_| invalid())?;
        let bytes = &bytes[..len];
        if len != KEY_LEN {
            return Err(invalid());
        }
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(|_| invalid())?;
        Ok(Self {
            key: Arc::new(key),
            names: Arc::new(names_of(bytes)),
            id: id_of(bytes),
            previous: Vec::new(),
        })
    }

    /// Also opens entries that `key` has sealed.
    ///
    /// Where several processes share a store, first give each of them the new key with this method.
    /// Once all can open its entries, let them seal with it, and give the old one here.
    #[must_use]
    pub fn with_previous(mut self, key: SealingKey) -> Self {
        self.previous.push(key);
        self
    }

    /// Seals `plaintext` as the entry of `key`.
    pub(crate) fn seal(&self, key: &StoreKey, plaintext: &[u8]) -> Result<Vec<u8>, StoreProblem> {
        let mut sealed =
            Zeroizing::new(Vec::with_capacity(plaintext.len() + AES_256_GCM.tag_len()));
        sealed.extend_from_slice(plaintext);
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(context(&self.id, key)), &mut *sealed)
            .map_err(|_| StoreProblem::Cryptography)?;
        let header = format!("{HEADER}{}\n", self.id);
        Ok([header.as_bytes(), nonce.as_ref(), &sealed].concat())
    }

    /// The plaintext of `sealed`, which is changed.
    pub(crate) fn open(
        &self,
        key: &StoreKey,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        let (id, nonce, ciphertext) = split(sealed).ok_or(Unreadable::Malformed)?;
        let with = self.find(id).ok_or(Unreadable::OtherKey)?;
        let mut plaintext = Zeroizing::new(ciphertext.to_vec());
        let len = with
            .key
            .open_in_place(nonce, Aad::from(context(id, key)), &mut plaintext)
            .map_err(|_| Unreadable::NotAuthentic)?
            .len();
        plaintext.truncate(len);
        Ok(plaintext)
    }

    /// A name of the entry `key`, which tells nothing about it without this key: 32 hexadecimal
    /// digits of an HMAC-SHA256.
    pub(crate) fn name(&self, key: &StoreKey) -> String {
        hexadecimal(&hmac::sign(&self.names, &key.to_bytes()).as_ref()[..16])
    }

    fn find(&self, id: &str) -> Option<&Self> {
        if self.id == id {
            return Some(self);
        }
        self.previous.iter().find_map(|key| key.find(id))
    }
}

/// The additional data: the header and the names of the entry.
fn context(id: &str, key: &StoreKey) -> Vec<u8> {
    [HEADER.as_bytes(), id.as_bytes(), &key.to_bytes()].concat()
}

fn split(sealed: &[u8]) -> Option<(&str, Nonce, &[u8])> {
    let rest = sealed.strip_prefix(HEADER.as_bytes())?;
    let (id, rest) = rest.split_at_checked(ID_LEN)?;
    let rest = rest.strip_prefix(b"\n")?;
    let (nonce, ciphertext) = rest.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    Some((std::str::from_utf8(id).ok()?, nonce, ciphertext))
}

/// The key is random, so its hash tells nothing about it.
fn id_of(key: &[u8]) -> String {
    let input = Zeroizing::new([b"multi-auth-store key ID".as_slice(), key].concat());
    hexadecimal(&digest(&SHA256, &input).as_ref()[..ID_LEN / 2])
}

/// The key of names, so that the key of AES-256-GCM has no second use.
fn names_of(key: &[u8]) -> hmac::Key {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let derived = hmac::sign(&key, b"multi-auth-store entry names");
    hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    let bytes = bytes.iter();
    bytes.fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealingKey")
            .field("id", &self.id)
            .field("previous", &self.previous)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
