//! Logging in: what a program needs to obtain the first refresh token of an entry.

use std::sync::Arc;

use multi_auth::oauth::{Client, Grant};
use multi_auth::{AuthError, ConstantHeaders, Token, TokenEndpoint, TokenSource, Transport};
use multi_auth_sign::Dpop;
use multi_auth_store::{StoredAccount, StoredTokens};

use super::Vendor;
use crate::ConfigError;
use crate::scheme::{AuthorizationServer, GrantKind, OAuthSettings, Scheme, discovery, stored_key};

/// How a person logs in at a vendor of the scheme `refresh_token`, from [`Vendor::login`].
///
/// The program `multi-auth login` shows the steps: it sends the person to one of the
/// [`endpoints`](Self::endpoints), requests the [`token`](Self::token), and
/// [stores](Self::store) it.
#[derive(Clone, Debug)]
pub struct Login {
    settings: OAuthSettings,
    client_id: String,
    client: Client,
    /// The key to which the tokens are bound.
    dpop: Option<Dpop>,
    headers: ConstantHeaders,
    account: StoredAccount,
    transport: Arc<dyn Transport>,
}

/// The endpoints of an authorization server, as the file or the metadata of its issuer names them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginEndpoints {
    /// The token endpoint (RFC 6749, 3.2).
    pub token: String,
    /// The authorization endpoint (RFC 6749, 3.1).
    pub authorization: Option<String>,
    /// The device authorization endpoint (RFC 8628, 3.1).
    pub device_authorization: Option<String>,
    /// The revocation endpoint (RFC 7009, 2).
    pub revocation: Option<String>,
    /// The issuer that an authorization response must name (RFC 9207), if it names its issuer.
    pub issuer_in_response: Option<String>,
}

impl Vendor {
    /// How a person logs in; `None` if the scheme is not `refresh_token`. This reads the client's
    /// secret and the key of `dpop`, if it has them.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub async fn login(
        &self,
        transport: impl Transport + 'static,
    ) -> Result<Option<Login>, ConfigError> {
        let Scheme::OAuth(settings) = &self.credential.scheme else {
            return Ok(None);
        };
        let GrantKind::RefreshToken(store, key, client) = &settings.kind else {
            return Ok(None);
        };
        let transport: Arc<dyn Transport> = Arc::new(transport);
        let secrets = self.read_secrets(&transport).await?;
        let dpop = self.dpop(&secrets)?;
        let client_id = client.id.clone();
        let client = client.build(secrets.key, settings.server.audience());
        let client = client.map_err(|problem| self.error(problem))?;
        let key = stored_key(key, dpop.as_ref()).map_err(|problem| self.error(problem))?;
        let account = StoredAccount::new(store.open(&transport), key);
        Ok(Some(Login {
            settings: (**settings).clone(),
            client_id,
            client,
            dpop,
            headers: self.headers().clone(),
            account,
            transport,
        }))
    }
}

impl Login {
    /// The client's ID.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The client, for requests to the other endpoints.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The scopes to ask for, with spaces between them.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.settings.parameters.scope.as_deref()
    }

    /// The other parameters of an authorization request: audience, resources, those of
    /// `parameters`, and with `dpop` the thumbprint of its key as `dpop_jkt` (RFC 9449, 10).
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        let key = self.dpop.iter();
        let key = key.map(|dpop| ("dpop_jkt", dpop.thumbprint()));
        self.settings.parameters.pairs().chain(key)
    }

    /// The account in the store.
    #[must_use]
    pub fn account(&self) -> &StoredAccount {
        &self.account
    }

    /// The transport of its requests.
    #[must_use]
    pub fn transport(&self) -> Arc<dyn Transport> {
        Arc::clone(&self.transport)
    }

    /// Returns the endpoints, from the file or from the metadata of the issuer.
    ///
    /// # Errors
    ///
    /// As [`Discovery::metadata`](multi_auth::oauth::Discovery::metadata).
    pub async fn endpoints(&self) -> Result<LoginEndpoints, AuthError> {
        let (issuer, origins) = match &self.settings.server {
            AuthorizationServer::Urls(urls) => {
                let urls = urls.clone();
                return Ok(LoginEndpoints {
                    token: urls.token,
                    authorization: urls.authorization,
                    device_authorization: urls.device_authorization,
                    revocation: urls.revocation,
                    issuer_in_response: None,
                });
            }
            AuthorizationServer::Issuer(issuer, origins) => (issuer, origins),
        };
        let discovery = discovery(issuer, origins, &self.transport)?;
        let metadata = discovery.metadata().await?;
        let text = |url: &Option<url::Url>| url.as_ref().map(ToString::to_string);
        Ok(LoginEndpoints {
            token: metadata.token_endpoint.to_string(),
            authorization: text(&metadata.authorization_endpoint),
            device_authorization: text(&metadata.device_authorization_endpoint),
            revocation: text(&metadata.revocation_endpoint),
            issuer_in_response: metadata.is_issuer_in_response.then(|| issuer.clone()),
        })
    }

    /// Requests a token from `endpoints` with `grant`: an authorization code or a device code. If
    /// the server issues a refresh token, the token has it as the part `refresh_token`.
    ///
    /// # Errors
    ///
    /// As [`TokenEndpoint`]'s token requests.
    pub async fn token(
        &self,
        endpoints: &LoginEndpoints,
        grant: Grant,
    ) -> Result<Token, AuthError> {
        let endpoint = TokenEndpoint::builder(&endpoints.token, self.transport())?;
        let grant = self.settings.parameters.without_scope(grant);
        let endpoint = endpoint
            .headers(self.headers.clone())
            .grant(grant, self.client.clone());
        let endpoint = match &self.dpop {
            Some(dpop) => dpop.token_endpoint(endpoint),
            None => endpoint,
        };
        endpoint.build().token().await
    }

    /// Stores the refresh token of `token`. Returns whether it has one.
    ///
    /// # Errors
    ///
    /// Why the store could not be written.
    pub async fn store(&self, token: &Token) -> Result<bool, AuthError> {
        let Some(refresh_token) = token.part("refresh_token") else {
            return Ok(false);
        };
        let tokens = StoredTokens::default().with_refresh_token(refresh_token.clone());
        self.account.replace(&tokens).await?;
        Ok(true)
    }

    /// Revokes the stored refresh token at `endpoints`, if they have a revocation endpoint, and
    /// removes it from the store. Returns whether a token was revoked.
    ///
    /// # Errors
    ///
    /// Why it was not revoked or removed. It is still stored then.
    pub async fn log_out(&self, endpoints: &LoginEndpoints) -> Result<bool, AuthError> {
        let tokens = self.account.tokens().await?;
        let mut is_revoked = false;
        if let (Some(url), Some(token)) = (&endpoints.revocation, tokens.refresh_token()) {
            let token = token.clone();
            multi_auth::oauth::revoke(url, token, &self.client, self.transport()).await?;
            is_revoked = true;
        }
        self.forget().await?;
        Ok(is_revoked)
    }

    /// Removes the stored tokens without revoking them.
    ///
    /// # Errors
    ///
    /// Why they were not removed.
    pub async fn forget(&self) -> Result<(), AuthError> {
        Ok(self.account.replace(&StoredTokens::default()).await?)
    }
}
