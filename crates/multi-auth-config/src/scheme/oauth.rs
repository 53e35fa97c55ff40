//! The OAuth client of an entry (RFC 6749), and the token source built from it.

mod client;
pub(crate) use client::{AssertionSettings, ClientAuthSettings, ClientSettings};
mod parameters;
pub(crate) use parameters::Parameters;

use std::sync::Arc;

use multi_auth::oauth::{Client, Discovery, Grant};
use multi_auth::{
    AuthError, Bearer, BearerBuilder, ConstantHeaders, Placement, ProtectionSpace, TokenEndpoint,
    TokenEndpointBuilder, TokenSource, Transport,
};
use multi_auth_sign::Dpop;
use multi_auth_store::{StoreKey, StoredAccount};

use super::{BASE_URL, DpopSettings, JwtSettings, Secrets};
use crate::store::StoreSettings;

/// An OAuth client as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct OAuthSettings {
    pub(crate) server: AuthorizationServer,
    pub(crate) parameters: Parameters,
    pub(crate) placement: Placement,
    pub(crate) kind: GrantKind,
    /// The key to which its tokens are bound.
    pub(crate) dpop: Option<DpopSettings>,
    /// The place of the base URL in a token response.
    pub(crate) base_url_at: Option<String>,
}

/// The grant of an entry.
#[derive(Clone, Debug)]
pub(crate) enum GrantKind {
    /// The client obtains tokens for itself, with this grant type.
    ClientCredentials(String, ClientSettings),
    /// The client presents an assertion about its subject (RFC 7523, 2.1).
    ///
    /// Some servers also require the client's ID, or authentication with its secret.
    JwtBearer(JwtSettings, Option<ClientSettings>),
    /// A person logs in, and the store keeps the refresh token.
    RefreshToken(StoreSettings, StoreKey, ClientSettings),
}

/// Where the endpoints are.
#[derive(Clone, Debug)]
pub(crate) enum AuthorizationServer {
    Urls(ServerUrls),
    /// The issuer whose metadata names them, and the other origins that they may be at.
    Issuer(String, Vec<String>),
}

/// The URLs of the endpoints of a server.
#[derive(Clone, Debug)]
pub(crate) struct ServerUrls {
    pub(crate) token: String,
    pub(crate) authorization: Option<String>,
    pub(crate) device_authorization: Option<String>,
    pub(crate) revocation: Option<String>,
}

/// The name of the secret of a client whose assertion is signed with another key.
pub(crate) const CLIENT_SECRET: &str = "client_secret";

/// Where a token request goes, and what is kept of its response.
struct Endpoint {
    target: Target,
    base_url_at: Option<String>,
    dpop: Option<Dpop>,
}

enum Target {
    Known(Box<TokenEndpointBuilder>),
    Discovered(Discovery),
}

impl OAuthSettings {
    /// Builds the token that the client obtains with `secrets`, bound to `dpop`.
    pub(super) fn bearer(
        &self,
        secrets: Secrets,
        dpop: Option<&Dpop>,
        headers: &ConstantHeaders,
        transport: &Arc<dyn Transport>,
    ) -> Result<BearerBuilder, AuthError> {
        let endpoint = self.endpoint(dpop, transport)?;
        let headers = headers.clone();
        let secret = secrets.key;
        let builder = match &self.kind {
            GrantKind::ClientCredentials(grant_type, client) => {
                let client = client.build(secret, self.server.audience())?;
                let grant = self.parameters.with_scope(Grant::custom(grant_type));
                Bearer::builder(endpoint.source(grant, client, headers))
            }
            GrantKind::JwtBearer(jwt, client) => {
                let mut others = secrets.others;
                let own = others.remove(CLIENT_SECRET).unwrap_or_default();
                let client = match client {
                    Some(client) => client.build(own, self.server.audience())?,
                    None => Client::anonymous(),
                };
                let grant = self
                    .parameters
                    .with_scope(Grant::jwt_bearer(jwt.source(secret)?));
                Bearer::builder(endpoint.source(grant, client, headers))
            }
            GrantKind::RefreshToken(store, key, client) => {
                let client = client.build(secret, self.server.audience())?;
                let key = stored_key(key, dpop)?;
                let account = StoredAccount::new(store.open(transport), key);
                Bearer::builder(account.refreshing(|tokens| {
                    let grant = self.parameters.without_scope(Grant::refresh_token(tokens));
                    endpoint.source(grant, client, headers)
                }))
            }
        };
        Ok(builder.placement(self.placement.clone()))
    }

    /// The store of its refresh tokens.
    pub(super) fn store_mut(&mut self) -> Option<&mut StoreSettings> {
        match &mut self.kind {
            GrantKind::RefreshToken(store, ..) => Some(store),
            GrantKind::ClientCredentials(..) | GrantKind::JwtBearer(..) => None,
        }
    }

    pub(super) fn bind_entry(&mut self, space: &ProtectionSpace) {
        let server = format!("{:?}", self.server);
        if let GrantKind::RefreshToken(store, key, client) = &mut self.kind
            && store.is_server()
        {
            *key = key
                .clone()
                .with_protection_space(space)
                .with_credential(&server.into())
                .with_credential(&client.id.as_str().into());
        }
    }

    fn endpoint(
        &self,
        dpop: Option<&Dpop>,
        transport: &Arc<dyn Transport>,
    ) -> Result<Endpoint, AuthError> {
        let target = match &self.server {
            AuthorizationServer::Urls(urls) => {
                let builder = TokenEndpoint::builder(&urls.token, Arc::clone(transport))?;
                Target::Known(Box::new(builder))
            }
            AuthorizationServer::Issuer(issuer, origins) => {
                Target::Discovered(discovery(issuer, origins, transport)?)
            }
        };
        Ok(Endpoint {
            target,
            base_url_at: self.base_url_at.clone(),
            dpop: dpop.cloned(),
        })
    }
}

/// What separates the account and the thumbprint of the key in a [`stored_key`].
pub(crate) const BOUND_TO: &str = " bound to ";

/// The entry of the store for `key`. Tokens that are bound to a key have an entry of their own, so
/// that they are never used with another key.
pub(crate) fn stored_key(key: &StoreKey, dpop: Option<&Dpop>) -> Result<StoreKey, AuthError> {
    let Some(dpop) = dpop else {
        return Ok(key.clone());
    };
    let account = format!("{}{BOUND_TO}{}", key.account(), dpop.thumbprint());
    Ok(key.clone().with_account(&account)?)
}

/// The metadata of `issuer`, whose endpoints may be at `origins` too.
pub(crate) fn discovery(
    issuer: &str,
    origins: &[String],
    transport: &Arc<dyn Transport>,
) -> Result<Discovery, AuthError> {
    let discovery = Discovery::new(issuer, Arc::clone(transport))?;
    let mut origins = origins.iter();
    origins.try_fold(discovery, |discovery, origin| {
        discovery.allow_origin(origin)
    })
}

impl AuthorizationServer {
    /// Whom a signed assertion is for: the issuer, or the token endpoint (RFC 7523, 3).
    pub(crate) fn audience(&self) -> &str {
        match self {
            Self::Urls(urls) => &urls.token,
            Self::Issuer(issuer, _) => issuer,
        }
    }
}

impl Endpoint {
    fn source(
        self,
        grant: Grant,
        client: Client,
        headers: ConstantHeaders,
    ) -> Box<dyn TokenSource> {
        let (base_url_at, dpop) = (self.base_url_at, self.dpop);
        let describe = move |endpoint: TokenEndpointBuilder| {
            let endpoint = endpoint.headers(headers.clone());
            let endpoint = endpoint.grant(grant.clone(), client.clone());
            let endpoint = match &dpop {
                Some(dpop) => dpop.token_endpoint(endpoint),
                None => endpoint,
            };
            match &base_url_at {
                Some(pointer) => endpoint.part_at(BASE_URL, pointer).build(),
                None => endpoint.build(),
            }
        };
        match self.target {
            Target::Known(builder) => Box::new(describe(*builder)),
            Target::Discovered(discovery) => Box::new(discovery.token_source(describe)),
        }
    }
}
