//! Tokens that the program signs itself.

use async_trait::async_trait;
use multi_auth::{AuthError, Token, TokenSource};

use crate::{Jwt, SigningKey};

/// A token source that signs a JWT for each token. It sends no request.
///
/// `Authorization: Bearer <JWT>`
///
/// Put it into a [`Bearer`](multi_auth::Bearer), which keeps the token and signs the next one
/// before it expires. Or give it to a
/// [`Grant::jwt_bearer`](multi_auth::oauth::Grant::jwt_bearer), which takes a fresh one for each
/// token request.
///
/// # App Store Connect
///
/// ES256, at most 20 minutes
/// ([Apple](https://developer.apple.com/documentation/appstoreconnectapi/generating-tokens-for-api-requests)):
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::{Bearer, SecretString};
/// use multi_auth_sign::{Algorithm, Jwt, JwtSource, SignError, SigningKey};
///
/// fn app_store_connect(key: SecretString, key_id: &str, issuer: &str) -> Result<Bearer, SignError> {
///     let key = SigningKey::from_pem(Algorithm::ES256, key)?.with_key_id(key_id)?;
///     let jwt = Jwt::builder()
///         .issuer(issuer)
///         .audience("appstoreconnect-v1")
///         .lifetime(Duration::from_secs(20 * 60))
///         .build()?;
///     Ok(Bearer::new(JwtSource::new(jwt, key)))
/// }
/// # fn main() {}
/// ```
///
/// # Google service account
///
/// RS256, at most an hour, for which the token endpoint gives an access token
/// ([Google](https://developers.google.com/identity/protocols/oauth2/service-account)):
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::oauth::{Client, Grant};
/// use multi_auth::{AuthError, Bearer, SecretString, TokenEndpoint, Transport};
/// use multi_auth_sign::{Algorithm, Jwt, JwtSource, SigningKey};
///
/// fn google(
///     client_email: &str,
///     private_key: SecretString,
///     private_key_id: &str,
///     transport: impl Transport + 'static,
/// ) -> Result<Bearer, AuthError> {
///     let key = SigningKey::from_pem(Algorithm::RS256, private_key)?.with_key_id(private_key_id)?;
///     let endpoint = "https://oauth2.googleapis.com/token";
///     let jwt = Jwt::builder()
///         .issuer(client_email)
///         .audience(endpoint)
///         .lifetime(Duration::from_secs(60 * 60))
///         .claim("scope", "https://www.googleapis.com/auth/devstorage.read_only")
///         .build()?;
///     let endpoint = TokenEndpoint::builder(endpoint, transport)?
///         .grant(Grant::jwt_bearer(JwtSource::new(jwt, key)), Client::anonymous())
///         .build();
///     Ok(Bearer::new(endpoint))
/// }
/// # fn main() {}
/// ```
///
/// # GitHub App
///
/// RS256, at most 10 minutes, `iat` a minute back. It authenticates the request for an installation
/// token
/// ([GitHub](https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app)):
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::{AuthError, Bearer, SecretString, TokenEndpoint, Transport};
/// use multi_auth_sign::{Algorithm, Jwt, JwtSource, SigningKey};
///
/// fn github(
///     client_id: &str,
///     private_key: SecretString,
///     installation: u64,
///     transport: impl Transport + 'static,
/// ) -> Result<Bearer, AuthError> {
///     let key = SigningKey::from_pem(Algorithm::RS256, private_key)?;
///     let jwt = Jwt::builder()
///         .issuer(client_id)
///         .backdated_by(Duration::from_secs(60))
///         .lifetime(Duration::from_secs(9 * 60))
///         .build()?;
///     let url = format!("https://api.github.com/app/installations/{installation}/access_tokens");
///     let endpoint = TokenEndpoint::builder(&url, transport)?
///         .authorized_by(Bearer::new(JwtSource::new(jwt, key)))
///         .header("accept", "application/vnd.github+json")?
///         .token_at("/token")
///         .expires_at("/expires_at")
///         .build();
///     Ok(Bearer::new(endpoint))
/// }
/// # fn main() {}
/// ```
///
/// # Snowflake
///
/// RS256, at most an hour; `iss` ends with the key's fingerprint
/// ([Snowflake](https://docs.snowflake.com/en/developer-guide/sql-api/authenticating)):
///
/// ```
/// use std::time::Duration;
///
/// use multi_auth::{AllOf, ApiKey, AuthError, Authenticator, Bearer, SecretString};
/// use multi_auth_sign::{Algorithm, Jwt, JwtSource, SigningKey};
///
/// /// `account` and `user` in upper case; the account without its region.
/// fn snowflake(account: &str, user: &str, key: SecretString) -> Result<impl Authenticator, AuthError> {
///     let key = SigningKey::from_pem(Algorithm::RS256, key)?;
///     let fingerprint = key.public_key_sha256().expect("an RSA key has a public key");
///     let jwt = Jwt::builder()
///         .issuer(&format!("{account}.{user}.SHA256:{fingerprint}"))
///         .subject(&format!("{account}.{user}"))
///         .lifetime(Duration::from_secs(60 * 60))
///         .build()?;
///     let kind = ApiKey::header("x-snowflake-authorization-token-type", "KEYPAIR_JWT")?;
///     Ok(AllOf::new(Bearer::new(JwtSource::new(jwt, key)), kind))
/// }
/// # fn main() {}
/// ```
///
/// # Ghost
///
/// HS256, at most 5 minutes; the Admin API key is `<id>:<secret in hex>`
/// ([Ghost](https://ghost.org/docs/admin-api/#token-authentication)):
///
/// ```
/// use multi_auth::{AuthError, Bearer, Placement};
/// use multi_auth_sign::{Algorithm, Jwt, JwtSource, SigningKey};
///
/// /// `secret` is decoded: 32 bytes.
/// fn ghost(id: &str, secret: &[u8]) -> Result<Bearer, AuthError> {
///     let key = SigningKey::from_secret(Algorithm::HS256, secret)?.with_key_id(id)?;
///     let jwt = Jwt::builder().audience("/admin/").build()?;
///     let placement = Placement::authorization().with_prefix("Ghost ")?;
///     Ok(Bearer::builder(JwtSource::new(jwt, key)).placement(placement).build())
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct JwtSource {
    jwt: Jwt,
    key: SigningKey,
}

impl JwtSource {
    /// Signs the JWT that `jwt` describes with `key`.
    #[must_use]
    pub fn new(jwt: Jwt, key: SigningKey) -> Self {
        Self { jwt, key }
    }
}

#[async_trait]
impl TokenSource for JwtSource {
    /// Signs a new JWT. The token expires with it.
    async fn token(&self) -> Result<Token, AuthError> {
        Ok(self.jwt.token(&self.key)?)
    }
}
