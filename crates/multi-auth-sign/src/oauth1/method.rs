//! Signature methods (RFC 5849, 3.4).

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use multi_auth::SecretString;
use percent_encoding::utf8_percent_encode;
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;

use super::encoding;
use crate::percent::NOT_UNRESERVED;

/// A signature method, as it was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    HmacSha1,
    HmacSha256,
    Plaintext,
}

impl Choice {
    /// The value of `oauth_signature_method`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::HmacSha1 => "HMAC-SHA1",
            Self::HmacSha256 => "HMAC-SHA256",
            Self::Plaintext => "PLAINTEXT",
        }
    }
}

/// A signature method with its key.
pub(super) enum SignatureMethod {
    HmacSha1(hmac::Key),
    HmacSha256(hmac::Key),
    /// The encoded signature.
    Plaintext(Zeroizing<String>),
}

impl SignatureMethod {
    pub(super) fn new(choice: Choice, consumer: &SecretString, token: &SecretString) -> Self {
        let key = key(consumer.expose_secret(), token.expose_secret());
        let hmac = |algorithm| hmac::Key::new(algorithm, key.as_bytes());
        match choice {
            Choice::HmacSha1 => Self::HmacSha1(hmac(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
            Choice::HmacSha256 => Self::HmacSha256(hmac(hmac::HMAC_SHA256)),
            Choice::Plaintext => Self::Plaintext(encoded(&key)),
        }
    }

    /// Whether the signature depends on the request.
    pub(super) fn reads_request(&self) -> bool {
        !matches!(self, Self::Plaintext(_))
    }

    /// The encoded signature of the base string `text`.
    pub(super) fn sign(&self, text: &[u8]) -> Cow<'_, str> {
        match self {
            Self::HmacSha1(key) | Self::HmacSha256(key) => {
                base64(hmac::sign(key, text).as_ref()).into()
            }
            Self::Plaintext(signature) => Cow::Borrowed(signature),
        }
    }

    /// The encoded hash of `body`.
    pub(super) fn body_hash(&self, body: &[u8]) -> String {
        let algorithm = match self {
            Self::HmacSha256(_) => &digest::SHA256,
            _ => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        };
        base64(digest::digest(algorithm, body).as_ref())
    }
}

/// The key of a signature: both secrets, encoded (RFC 5849, 3.4.2).
fn key(consumer_secret: &str, token_secret: &str) -> Zeroizing<String> {
    // No reallocation leaves a copy behind.
    let length = 3 * (consumer_secret.len() + token_secret.len()) + 1;
    let mut key = Zeroizing::new(String::with_capacity(length));
    key.extend(utf8_percent_encode(consumer_secret, NOT_UNRESERVED));
    key.push('&');
    key.extend(utf8_percent_encode(token_secret, NOT_UNRESERVED));
    key
}

/// `key` as the value of a parameter.
fn encoded(key: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(3 * key.len()));
    text.extend(utf8_percent_encode(key, NOT_UNRESERVED));
    text
}

/// A hash in base64, encoded.
fn base64(hash: &[u8]) -> String {
    let text = STANDARD.encode(hash);
    encoding::encoded(text.as_bytes()).into_owned()
}

impl fmt::Debug for SignatureMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HmacSha1(_) => "HmacSha1",
            Self::HmacSha256(_) => "HmacSha256",
            Self::Plaintext(_) => "Plaintext",
        })
    }
}
