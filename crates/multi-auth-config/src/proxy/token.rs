//! The token of a caller, and its hash.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use multi_auth::SecretString;
use secrecy::ExposeSecret;

use crate::Advice;

/// The token by which a proxy knows a caller: `mauth_` and 43 characters of base64url.
///
/// A caller puts it where it would put the vendor's key. The prefix lets the proxy find it there.
///
/// ```
/// use multi_auth_config::proxy::CallerToken;
///
/// # fn main() -> Result<(), multi_auth_config::Advice> {
/// let token = CallerToken::generate()?;
/// let field = format!("Bearer {}", token.expose());
/// assert_eq!(CallerToken::find_in(field.as_bytes()), Some(token.expose().as_bytes()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CallerToken(SecretString);

const PREFIX: &[u8] = b"mauth_";

/// The bytes of a token that are random.
const RANDOM: usize = 32;

/// The length of those bytes in base64url.
const CHARACTERS: usize = 43;

const NO_RANDOMNESS: Advice = Advice::new(
    "could not be generated, because the system gives no random bytes",
    "try again",
);

impl CallerToken {
    /// Generates a token of 256 random bits.
    ///
    /// # Errors
    ///
    /// If the system gives no random bytes.
    pub fn generate() -> Result<Self, Advice> {
        let mut random = [0; RANDOM];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| NO_RANDOMNESS)?;
        let random = BASE64_URL_SAFE_NO_PAD.encode(random);
        Ok(Self(format!("mauth_{random}").into()))
    }

    /// Its text.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its hash, for [`Caller::with_token`](super::Caller::with_token).
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose())
    }

    /// Returns the first token in `text`, such as the value of a header field.
    #[must_use]
    pub fn find_in(text: &[u8]) -> Option<&[u8]> {
        // Most fields are shorter, and preparing a search takes longer than one.
        if text.len() < PREFIX.len() + CHARACTERS {
            return None;
        }
        let starts = memchr::memmem::find_iter(text, PREFIX);
        let mut tokens = starts.filter_map(|start| {
            let token = text.get(start..start + PREFIX.len() + CHARACTERS)?;
            let is_own = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
            token.iter().all(is_own).then_some(token)
        });
        tokens.next()
    }
}

/// The SHA-256 hash of a caller's token, as in `sha256:9f86d0...`.
///
/// A token is random, so its hash needs no salt and reveals nothing of it.
///
/// ```
/// use multi_auth_config::proxy::{CallerToken, TokenHash};
///
/// # fn main() -> Result<(), multi_auth_config::Advice> {
/// let token = CallerToken::generate()?;
/// let hash: TokenHash = token.hash().to_string().parse()?;
/// assert!(hash.matches(&token.hash()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct TokenHash([u8; 32]);

const NOT_A_HASH: Advice = Advice::new(
    "is not the hash of a token",
    "write `sha256:` and 64 hexadecimal digits, as `multi-auth caller-token` prints them",
);

impl TokenHash {
    /// Hashes `token`.
    #[must_use]
    pub fn of(token: impl AsRef<[u8]>) -> Self {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, token.as_ref()).as_ref());
        Self(hash)
    }

    /// Whether both are the hash of one token. It takes the same time for all hashes.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(&self.0, &other.0).is_ok()
    }
}

impl FromStr for TokenHash {
    type Err = Advice;

    fn from_str(text: &str) -> Result<Self, Advice> {
        let digits = text.strip_prefix("sha256:").ok_or(NOT_A_HASH)?;
        let mut hash = [0; 32];
        hex::decode_to_slice(digits, &mut hash).map_err(|_| NOT_A_HASH)?;
        Ok(Self(hash))
    }
}

impl fmt::Display for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", hex::encode(self.0))
    }
}
