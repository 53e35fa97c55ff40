//! The parameters of a signature (RFC 9421, 2.3), as structured fields (RFC 8941).

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use super::nonce::Nonce;
use crate::{Algorithm, SignError};

/// The parameters of each signature: those that are known before, and how the others are made.
pub(super) struct Parameters {
    pub(super) has_created: bool,
    /// `;keyid=".."` and `;alg=".."`.
    pub(super) key: Box<str>,
    /// The number of seconds for which a signature is valid.
    pub(super) lifetime: Option<u64>,
    pub(super) nonce: Option<Nonce>,
    /// `;tag=".."`.
    pub(super) tag: Box<str>,
}

impl Parameters {
    /// Writes the parameters of a signature that is made `now`.
    pub(super) fn write(&self, now: SystemTime, text: &mut Vec<u8>) -> Result<(), SignError> {
        let now = now.duration_since(UNIX_EPOCH);
        let now = now.map_err(|_| SignError::Clock)?.as_secs();
        if self.has_created {
            write_number(";created=", now, text);
        }
        text.extend_from_slice(self.key.as_bytes());
        if let Some(lifetime) = self.lifetime {
            let end = now.checked_add(lifetime).filter(|end| *end <= GREATEST);
            write_number(";expires=", end.ok_or(SignError::Clock)?, text);
        }
        if let Some(nonce) = &self.nonce {
            text.extend_from_slice(b";nonce=");
            nonce.write(text)?;
        }
        text.extend_from_slice(self.tag.as_bytes());
        Ok(())
    }
}

/// The greatest integer of a structured field (RFC 8941, 3.3.1).
pub(super) const GREATEST: u64 = 999_999_999_999_999;

fn write_number(name: &str, number: u64, text: &mut Vec<u8>) {
    // A vector takes every byte.
    let _ = write!(text, "{name}{number}");
}

/// The name of `algorithm` in the registry of RFC 9421, 6.2.2.
pub(super) fn registered(algorithm: Algorithm) -> Option<&'static str> {
    match algorithm {
        Algorithm::RS256 => Some("rsa-v1_5-sha256"),
        Algorithm::PS512 => Some("rsa-pss-sha512"),
        Algorithm::ES256 => Some("ecdsa-p256-sha256"),
        Algorithm::ES384 => Some("ecdsa-p384-sha384"),
        Algorithm::EdDSA => Some("ed25519"),
        Algorithm::HS256 => Some("hmac-sha256"),
        Algorithm::PS256 => None,
    }
}

/// `text` as a string of a structured field (RFC 8941, 4.1.6). `None` if it has other characters
/// than visible ASCII and spaces.
pub(super) fn quoted(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return None;
    }
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#);
    Some(format!(r#""{escaped}""#))
}

/// Whether `text` is a key of a structured field (RFC 8941, 3.1.2).
pub(super) fn is_key(text: &str) -> bool {
    let is_start = |byte: u8| byte.is_ascii_lowercase() || byte == b'*';
    let is_part = |byte: u8| is_start(byte) || byte.is_ascii_digit() || b"_-.".contains(&byte);
    text.bytes().next().is_some_and(is_start) && text.bytes().all(is_part)
}
