//! A key that signs.

mod der;
mod jwk;
mod pair;
mod pem;
mod public;

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::{Algorithm, KeyProblem, SignError};
use pair::Pair;

/// A checked private key or shared secret, with its algorithm and its ID.
///
/// ```
/// use multi_auth_sign::{Algorithm, SigningKey};
///
/// # fn main() -> Result<(), multi_auth_sign::SignError> {
/// let secret = b"a secret of 32 random bytes, say";
/// let key = SigningKey::from_secret(Algorithm::HS256, secret)?.with_key_id("2026-01")?;
/// assert_eq!(key.sign(b"message")?.len(), 32);
/// assert_eq!(format!("{key:?}"), r#"SigningKey { algorithm: HS256, key_id: Some("2026-01"), .. }"#);
/// # Ok(())
/// # }
/// ```
///
/// The constructors check the whole key, so a key that is built can sign. Clones share the key. It
/// is wiped when the last clone is dropped. The text that it was read from and all buffers are
/// wiped too. `Debug` prints the algorithm and the ID.
///
/// # Cost
///
/// [`sign`](Self::sign) takes no lock, so threads sign in parallel. Instructions of a signature
/// over 300 bytes, counted under callgrind:
///
/// | key | instructions |
/// |---|---|
/// | HS256 | 14,000 |
/// | EdDSA | 120,000 |
/// | ES256 | 210,000 |
/// | ES384 | 1,100,000 |
/// | RS256, PS256, PS512 with 2,048 bits | 6,300,000, about a millisecond |
/// | RS256, PS256, PS512 with 4,096 bits | 72,000,000 |
#[derive(Clone)]
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Arc<Pair>,
    id: Option<Arc<str>>,
}

/// The longest ID of a key, in bytes. IDs of vendors have 10 to 64.
const LONGEST_ID: usize = 256;

impl SigningKey {
    /// Reads the private key in a PEM text (RFC 7468): PKCS#8 (`PRIVATE KEY`), PKCS#1
    /// (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
    ///
    /// The text must hold this one block and nothing else, like the files of App Store Connect
    /// (`.p8`), GitHub (`.pem`) and OpenSSL.
    ///
    /// # Errors
    ///
    /// [`SignError::Key`] if the text or the key is not usable: encrypted, public, cut off, for
    /// another algorithm, an RSA key under 2,048 or over 8,192 bits, or one of several.
    pub fn from_pem(algorithm: Algorithm, pem: impl Into<SecretString>) -> Result<Self, SignError> {
        let pem = pem.into();
        let pair = pem::read(pem.expose_secret())
            .and_then(|(format, der)| Pair::from_der(algorithm, format, &der));
        Self::new(algorithm, pair)
    }

    /// Reads the private key in a JWK (RFC 7517): `kty` is `RSA`, `EC`, `OKP` or `oct`.
    ///
    /// It takes the key's ID from `kid`. An RSA key needs all of `p`, `q`, `dp`, `dq` and `qi`.
    ///
    /// # Errors
    ///
    /// [`SignError::Key`] if the key is not usable, as with [`from_pem`](Self::from_pem), if its
    /// public part belongs to another key, or if `alg`, `use` or `key_ops` do not allow it to sign
    /// with this algorithm.
    pub fn from_jwk(algorithm: Algorithm, jwk: impl Into<SecretString>) -> Result<Self, SignError> {
        let jwk = jwk.into();
        let (pair, id) = match jwk::read(algorithm, jwk.expose_secret()) {
            Ok((pair, id)) => (Ok(pair), id),
            Err(problem) => (Err(problem), None),
        };
        let key = Self::new(algorithm, pair)?;
        match id {
            Some(id) => key.with_key_id(&id),
            None => Ok(key),
        }
    }

    /// Takes a secret that both sides share, for [`Algorithm::HS256`]: the bytes themselves. Decode
    /// them first if the vendor shows hex or base64.
    ///
    /// Your copy is not wiped: wipe it yourself.
    ///
    /// # Errors
    ///
    /// [`SignError::Key`] if the secret has fewer than 32 bytes (RFC 7518, 3.2), or if the
    /// algorithm needs a key pair.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, SignError> {
        let pair = match algorithm {
            Algorithm::HS256 => Pair::hmac(secret),
            _ => Err(KeyProblem::OtherKey {
                found: "a shared secret",
            }),
        };
        Self::new(algorithm, pair)
    }

    fn new(algorithm: Algorithm, pair: Result<Pair, KeyProblem>) -> Result<Self, SignError> {
        let pair = pair.map_err(|problem| SignError::key(algorithm, problem))?;
        Ok(Self {
            algorithm,
            pair: Arc::new(pair),
            id: None,
        })
    }

    /// Sets the ID of the key. The header of a JWT names it as `kid`. `Debug` prints it: it is not
    /// a secret.
    ///
    /// # Errors
    ///
    /// [`SignError::Key`] if it is empty, is longer than 256 bytes, or has a control character.
    pub fn with_key_id(mut self, id: &str) -> Result<Self, SignError> {
        if id.is_empty() || id.len() > LONGEST_ID || id.contains(char::is_control) {
            return Err(SignError::key(self.algorithm, KeyProblem::KeyId));
        }
        self.id = Some(id.into());
        Ok(self)
    }

    /// Returns the algorithm of its signatures.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the ID by which the vendor finds the key.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Signs `message`, in the format of RFC 7518, 3: an ECDSA signature is two numbers of fixed
    /// length, 64 bytes with ES256 and 96 with ES384.
    ///
    /// This runs on the caller's thread.
    ///
    /// # Errors
    ///
    /// [`SignError::Failed`] if the library fails, which a checked key gives no cause for.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.pair.sign(message).map_err(|_| SignError::Failed)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.id)
            .finish_non_exhaustive()
    }
}
