//! Nonces: a value that no other signature has (RFC 9421, 7.2.2).

use std::fmt;
use std::sync::Arc;

use super::digest::write_base64;
use super::parameters::quoted;
use crate::{SignError, random};

/// How the nonce of a signature is made.
#[derive(Clone)]
pub(super) enum Nonce {
    /// This many random bytes in base64, at most [`LONGEST`].
    Random(usize),
    Given(Arc<dyn Fn() -> Result<String, SignError> + Send + Sync>),
}

/// The length of a nonce by [`HttpSignatureBuilder::nonce`](super::HttpSignatureBuilder::nonce).
/// Among 2^64 nonces, two are equal with a probability of one half.
pub(super) const USUAL: usize = 16;

/// The length that earlier drafts of Web Bot Auth prescribe.
pub(super) const LONGEST: usize = 64;

const NOT_ASCII: SignError = SignError::signature(
    "a nonce has other characters than visible ASCII",
    "return base64 or hexadecimal from `nonce_from`",
);

impl Nonce {
    /// Writes a new nonce in quotes.
    pub(super) fn write(&self, text: &mut Vec<u8>) -> Result<(), SignError> {
        match self {
            Self::Random(length) => {
                let mut bytes = [0; LONGEST];
                let bytes = &mut bytes[..*length];
                random::fill(bytes)?;
                text.push(b'"');
                write_base64(bytes, text);
                text.push(b'"');
            }
            Self::Given(make) => {
                let nonce = quoted(&make()?).ok_or(NOT_ASCII)?;
                text.extend_from_slice(nonce.as_bytes());
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Random(length) => write!(f, "Random({length})"),
            Self::Given(_) => f.write_str("Given"),
        }
    }
}
