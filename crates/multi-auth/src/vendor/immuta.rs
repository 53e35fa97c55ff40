//! Immuta: a raw key in `Authorization: <key>`, or a token that the key obtains at a token
//! endpoint, in `Authorization: Bearer <token>`.

use secrecy::SecretString;
use url::Url;

use crate::checked_url::{self, PlainHttp};
use crate::{
    ApiKey, AuthError, Bearer, BearerBuilder, ConstantHeaders, InputProblem, Placement,
    ProtectionSpace, TokenEndpoint, Transport,
};

/// The path of the token request, below the base URL.
const TOKEN_REQUEST: &str = "/bim/apikey/authenticate";

/// Builds the schemes and the protection space of an Immuta server.
///
/// ```
/// use multi_auth::{Immuta, Keyring, Transport};
///
/// # fn main() {}
/// # fn bind(transport: impl Transport + 'static) -> Result<(), multi_auth::AuthError> {
/// let immuta = Immuta::new("https://your-immuta-url.immuta.com")?;
/// let bearer = immuta.bearer("846e9e43c86a4ct1be14290d95127d13f", transport)?;
/// let keyring = Keyring::builder().bind(immuta.protection_space(), bearer)?.build();
/// # Ok(())
/// # }
/// ```
///
/// Source: the vendor's page "Authenticate with the API". A token is valid "until it expires", and
/// then the server answers 401. The key then obtains another one: there is no refresh token. The
/// lifetime is not documented. 403 means a missing permission, and never an expired token.
#[derive(Clone, Debug)]
pub struct Immuta {
    base: Url,
    protection_space: ProtectionSpace,
    placement: Placement,
    key_in_header: bool,
    headers: ConstantHeaders,
}

impl Immuta {
    /// The server at `base`. A path in `base` is kept. Each customer has a separate server, so
    /// there is no default.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `base` is not valid as a protection space.
    pub fn new(base: &str) -> Result<Self, AuthError> {
        let url = checked_url::parse_base("base URL", base, PlainHttp::LoopbackOnly)?;
        Ok(Self {
            protection_space: ProtectionSpace::new(base)?,
            base: url,
            placement: Placement::bearer(),
            key_in_header: false,
            headers: ConstantHeaders::new(),
        })
    }

    /// Puts `prefix` before the token, in place of `Bearer `. An empty one sends the bare token.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `prefix` is not valid in a header field.
    pub fn with_prefix(self, prefix: &str) -> Result<Self, AuthError> {
        let placement = Placement::authorization().with_prefix(prefix.to_owned())?;
        Ok(Self { placement, ..self })
    }

    /// Sends the key of the token request in `Authorization`, without a body. Default: the body
    /// `{"apikey": "..."}`.
    #[must_use]
    pub fn with_key_in_header(self) -> Self {
        Self {
            key_in_header: true,
            ..self
        }
    }

    /// Adds `headers` to the token request, such as a `User-Agent` in place of
    /// `multi-auth/<version>`.
    #[must_use]
    pub fn with_headers(self, headers: ConstantHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Returns the protection space of keys and tokens: everything below the base URL.
    #[must_use]
    pub fn protection_space(&self) -> ProtectionSpace {
        self.protection_space.clone()
    }

    /// Sends the key itself on every request.
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `key` is empty or not valid in a header field.
    pub fn raw_key(&self, key: impl Into<SecretString>) -> Result<ApiKey, AuthError> {
        match ApiKey::authorization(key) {
            Ok(key) => Ok(key.named(KEY)),
            Err(AuthError::Invalid(InputProblem::Secret { problem, .. })) => {
                Err(AuthError::invalid_secret(KEY, problem))
            }
            Err(error) => Err(error),
        }
    }

    /// Sends tokens that the key obtains through `transport`, and refreshes them on 401.
    ///
    /// # Errors
    ///
    /// As [`raw_key`](Self::raw_key).
    pub fn bearer(
        &self,
        key: impl Into<SecretString>,
        transport: impl Transport + 'static,
    ) -> Result<Bearer, AuthError> {
        Ok(self.bearer_builder(key, transport)?.build())
    }

    /// Sends tokens that the key obtains through `transport`, with settings.
    ///
    /// # Errors
    ///
    /// As [`raw_key`](Self::raw_key).
    pub fn bearer_builder(
        &self,
        key: impl Into<SecretString>,
        transport: impl Transport + 'static,
    ) -> Result<BearerBuilder, AuthError> {
        let endpoint = self.endpoint(key.into(), transport)?;
        let bearer = Bearer::builder(endpoint).placement(self.placement.clone());
        Ok(bearer.label(self.protection_space.label()))
    }

    fn endpoint(
        &self,
        key: SecretString,
        transport: impl Transport + 'static,
    ) -> Result<TokenEndpoint, AuthError> {
        let mut url = self.base.clone();
        url.set_path(&format!(
            "{}{TOKEN_REQUEST}",
            self.base.path().trim_end_matches('/')
        ));
        let endpoint = TokenEndpoint::builder(url.as_str(), transport)?
            .headers(self.headers.clone())
            .token_at("/token")
            .expires_at("/tokenExpiration")
            .refused_unless("/authenticated");
        if self.key_in_header {
            return Ok(endpoint.authorized_by(self.raw_key(key)?).build());
        }
        Placement::authorization()
            .check(&key)
            .map_err(|problem| AuthError::invalid_secret(KEY, problem))?;
        Ok(endpoint.json([("apikey", key)]).build())
    }
}

const KEY: &str = "Immuta key";
