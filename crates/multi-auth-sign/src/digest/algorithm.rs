//! The hash functions of Digest (RFC 7616, 6.1).

use std::ops::Deref;

use aws_lc_rs::digest;
use secrecy::zeroize::Zeroizing;

use crate::SignError;

pub(super) const MD5_IS_OFF: SignError = SignError::signature(
    "the server offers Digest with MD5 only, which is weak and off",
    "configure SHA-256 on the server, or allow MD5 with `dangerous_md5`, which needs the feature `md5`",
);

const UNKNOWN: SignError = SignError::signature(
    "the server offers Digest with an unknown algorithm only",
    "configure SHA-256 on the server",
);

/// A hash function. The weakest is first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HashFunction {
    #[cfg(feature = "md5")]
    Md5,
    Sha256,
    Sha512_256,
}

/// A hash in hexadecimal. It is wiped when it is dropped.
pub(super) struct HexHash {
    text: Zeroizing<[u8; 64]>,
    length: usize,
}

impl HashFunction {
    /// The function of the algorithm `name`, and whether its key is that of a session.
    pub(super) fn parse(name: &str) -> Result<(Self, bool), SignError> {
        let name = name.to_ascii_lowercase();
        let base = name.strip_suffix("-sess");
        let function = match base.unwrap_or(&name) {
            "md5" => Self::md5()?,
            "sha-256" => Self::Sha256,
            "sha-512-256" => Self::Sha512_256,
            _ => return Err(UNKNOWN),
        };
        Ok((function, base.is_some()))
    }

    #[cfg(feature = "md5")]
    #[expect(clippy::unnecessary_wraps, reason = "without the feature, it fails")]
    fn md5() -> Result<Self, SignError> {
        Ok(Self::Md5)
    }

    #[cfg(not(feature = "md5"))]
    fn md5() -> Result<Self, SignError> {
        Err(MD5_IS_OFF)
    }

    /// Whether it is MD5. Only the servers of RFC 2069 send a challenge without `qop`, and they
    /// have MD5.
    pub(super) fn is_md5(self) -> bool {
        self < Self::Sha256
    }

    /// The hash of `bytes`.
    pub(super) fn hash(self, bytes: &[u8]) -> HexHash {
        match self {
            #[cfg(feature = "md5")]
            Self::Md5 => HexHash::of(&<md5::Md5 as md5::Digest>::digest(bytes)),
            Self::Sha256 => HexHash::of(digest::digest(&digest::SHA256, bytes).as_ref()),
            Self::Sha512_256 => HexHash::of(digest::digest(&digest::SHA512_256, bytes).as_ref()),
        }
    }

    /// The hash of `parts` with colons between them.
    pub(super) fn hash_joined(self, parts: &[&[u8]]) -> HexHash {
        self.hash(&Zeroizing::new(parts.join(&b':')))
    }
}

impl HexHash {
    fn of(hash: &[u8]) -> Self {
        let mut text = Zeroizing::new([0; 64]);
        let length = 2 * hash.len();
        // No hash is longer than 32 bytes.
        let _ = hex::encode_to_slice(hash, &mut text[..length]);
        Self { text, length }
    }
}

impl Deref for HexHash {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.text[..self.length]
    }
}
