//! A description of a JWT, which is signed anew each time (RFC 7519, in the compact form of RFC
//! 7515, 3.1).

mod builder;
pub use builder::JwtBuilder;
mod compact;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use multi_auth::{Clock, SystemClock, Token};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::{SignError, SigningKey, random};

/// A description of a JWT, from [`Jwt::builder`]. Each [`sign`](Self::sign) makes a new JWT with
/// the current time.
///
/// `header.claims.signature`, each part in base64url.
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth_sign::{Algorithm, Jwt, SigningKey};
///
/// # fn main() -> Result<(), multi_auth_sign::SignError> {
/// # let key = SigningKey::from_secret(Algorithm::HS256, b"a secret of 32 random bytes, say")?;
/// let jwt = Jwt::builder()
///     .issuer("my-app")
///     .audience("https://api.example.com")
///     .lifetime(Duration::from_secs(600))
///     .claim("role", "reader")
///     .build()?;
/// let signed = jwt.sign(&key)?;
/// # use secrecy::ExposeSecret;
/// # assert_eq!(signed.expose_secret().split('.').count(), 3);
/// # Ok(())
/// # }
/// ```
///
/// `Debug` prints the names of the header's members and of the claims.
#[derive(Clone)]
pub struct Jwt {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    lifetime: Duration,
    backdated_by: Duration,
    has_not_before: bool,
    has_random_id: bool,
    clock: Arc<dyn Clock>,
}

impl Jwt {
    /// Describes a JWT with `typ` `JWT`, `iat` the present time, and `exp` 5 minutes later.
    pub fn builder() -> JwtBuilder {
        JwtBuilder::new(Self {
            header: Map::from_iter([("typ".to_owned(), "JWT".into())]),
            claims: Map::new(),
            lifetime: Duration::from_secs(5 * 60),
            backdated_by: Duration::ZERO,
            has_not_before: false,
            has_random_id: false,
            clock: Arc::new(SystemClock),
        })
    }

    /// Signs a new JWT with `key`, in compact form. The header names the algorithm and the ID of
    /// the key.
    ///
    /// Treat the result as a secret until it expires.
    ///
    /// # Errors
    ///
    /// [`SignError::Clock`] if the clock shows a time before 1970, and as [`SigningKey::sign`].
    pub fn sign(&self, key: &SigningKey) -> Result<SecretString, SignError> {
        self.signed(key).map(|(jwt, _)| jwt)
    }

    /// Signs a new JWT and returns it as a token with the same expiry.
    pub(crate) fn token(&self, key: &SigningKey) -> Result<Token, SignError> {
        let (jwt, expiry) = self.signed(key)?;
        Ok(Token::new(jwt).with_expiry(expiry))
    }

    fn signed(&self, key: &SigningKey) -> Result<(SecretString, SystemTime), SignError> {
        let now = self.clock.wall().duration_since(UNIX_EPOCH);
        let now = now.map_err(|_| SignError::Clock)?.as_secs();
        let expiry = now.checked_add(self.lifetime.as_secs());
        let expiry = expiry.ok_or(SignError::Clock)?;
        let expires_at = UNIX_EPOCH.checked_add(Duration::from_secs(expiry));
        let expires_at = expires_at.ok_or(SignError::Clock)?;

        let issued = now.saturating_sub(self.backdated_by.as_secs());
        let claims = self.claims_at(issued, expiry)?;
        let jwt = compact::signed(key, &self.header_for(key), &claims)?;
        Ok((jwt, expires_at))
    }

    fn header_for(&self, key: &SigningKey) -> Map<String, Value> {
        let mut header = self.header.clone();
        header.insert("alg".to_owned(), key.algorithm().name().into());
        if let Some(id) = key.key_id() {
            header.insert("kid".to_owned(), id.into());
        }
        header
    }

    /// All claims, with the times in whole seconds since 1970 (RFC 7519, 2).
    fn claims_at(&self, issued: u64, expiry: u64) -> Result<Map<String, Value>, SignError> {
        let mut claims = self.claims.clone();
        claims.insert("iat".to_owned(), issued.into());
        claims.insert("exp".to_owned(), expiry.into());
        if self.has_not_before {
            claims.insert("nbf".to_owned(), issued.into());
        }
        if self.has_random_id {
            claims.insert("jti".to_owned(), random_id()?.into());
        }
        Ok(claims)
    }
}

/// 128 random bits in base64url.
pub(crate) fn random_id() -> Result<String, SignError> {
    Ok(URL_SAFE_NO_PAD.encode(random::bits()?))
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
        f.debug_struct("Jwt")
            .field("header", &names(&self.header))
            .field("claims", &names(&self.claims))
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
