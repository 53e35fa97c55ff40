//! Assertions by which an OAuth client authenticates with a signature (RFC 7523, 2.2).

use async_trait::async_trait;
use multi_auth::{AuthError, SecretString, Token, TokenSource};

use crate::{Jwt, JwtBuilder, SignError, SigningKey};

/// Signs the assertions by which an OAuth client authenticates at a token endpoint: the method
/// `private_key_jwt`, or `client_secret_jwt` with an HS256 key (OpenID Connect Core, 9).
///
/// `client_assertion=<JWT>` with `iss` and `sub` the client ID, `aud` the server, a random `jti`,
/// and `exp` 5 minutes from now. Each call makes a new one, because a server refuses an assertion
/// that it has seen (RFC 7523, 3).
///
/// ```
/// use multi_auth::oauth::{Client, Grant};
/// use multi_auth::{AuthError, Bearer, SecretString, TokenEndpoint, Transport};
/// use multi_auth_sign::{Algorithm, ClientAssertion, SigningKey};
///
/// fn orders(key: SecretString, transport: impl Transport + 'static) -> Result<Bearer, AuthError> {
///     let url = "https://login.example.com/oauth2/token";
///     let key = SigningKey::from_pem(Algorithm::ES256, key)?.with_key_id("2026-01")?;
///     let client = Client::assertion("my-app", ClientAssertion::new("my-app", url, key)?)?;
///     let endpoint = TokenEndpoint::builder(url, transport)?
///         .grant(Grant::client_credentials(), client)
///         .build();
///     Ok(Bearer::new(endpoint))
/// }
/// # fn main() {}
/// ```
///
/// A request that you describe field by field takes it from a closure:
///
/// ```
/// use multi_auth::{AuthError, SecretString, TokenEndpointBuilder, TokenRequestBody};
/// use multi_auth_sign::ClientAssertion;
///
/// fn with_assertion(endpoint: TokenEndpointBuilder, client: ClientAssertion) -> TokenEndpointBuilder {
///     let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
///     endpoint.body_with(move || {
///         Ok(TokenRequestBody::form([
///             ("grant_type", SecretString::from("client_credentials")),
///             ("client_assertion_type", kind.into()),
///             ("client_assertion", client.assertion()?),
///         ]))
///     })
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct ClientAssertion {
    jwt: Jwt,
    key: SigningKey,
}

impl ClientAssertion {
    /// Signs assertions of the client `client_id` for `audience`: the URL of the token endpoint, or
    /// the server's issuer. RFC 7523, 3, allows both. See the server's documentation: newer servers
    /// require the issuer.
    ///
    /// # Errors
    ///
    /// [`SignError::Jwt`] if either is empty.
    pub fn new(client_id: &str, audience: &str, key: SigningKey) -> Result<Self, SignError> {
        Self::customized(client_id, audience, key, |jwt| jwt)
    }

    /// As [`new`](Self::new), and changes the JWT: another lifetime, a header member, a claim.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use multi_auth_sign::{ClientAssertion, SignError, SigningKey};
    ///
    /// /// Microsoft Entra finds the key by its certificate's SHA-256 thumbprint, in base64url.
    /// fn entra(
    ///     client_id: &str,
    ///     endpoint: &str,
    ///     key: SigningKey,
    ///     thumbprint: &str,
    /// ) -> Result<ClientAssertion, SignError> {
    ///     ClientAssertion::customized(client_id, endpoint, key, |jwt| {
    ///         jwt.header("x5t#S256", thumbprint).not_before()
    ///     })
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and as [`JwtBuilder::build`].
    pub fn customized(
        client_id: &str,
        audience: &str,
        key: SigningKey,
        change: impl FnOnce(JwtBuilder) -> JwtBuilder,
    ) -> Result<Self, SignError> {
        let jwt = Jwt::builder()
            .issuer(client_id)
            .subject(client_id)
            .audience(audience)
            .random_id();
        let jwt = change(jwt).build()?;
        Ok(Self { jwt, key })
    }

    /// A new assertion.
    ///
    /// # Errors
    ///
    /// As [`Jwt::sign`].
    pub fn assertion(&self) -> Result<SecretString, AuthError> {
        Ok(self.jwt.sign(&self.key)?)
    }
}

#[async_trait]
impl TokenSource for ClientAssertion {
    /// Signs a new assertion, for [`Client::assertion`](multi_auth::oauth::Client::assertion).
    async fn token(&self) -> Result<Token, AuthError> {
        Ok(self.jwt.token(&self.key)?)
    }
}
