//! The client credentials grant of an entry (RFC 6749, 4.4), and the token source built from it.

use std::sync::Arc;

use multi_auth::oauth::{Client, Discovery, Grant};
use multi_auth::{
    AuthError, Bearer, BearerBuilder, ConstantHeaders, Placement, SecretString, TokenEndpoint,
    TokenEndpointBuilder, Transport,
};

use crate::document::ClientAuth;

/// An OAuth client as an entry describes it. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct ClientCredentialsSettings {
    pub(crate) server: AuthorizationServer,
    pub(crate) client_id: String,
    pub(crate) client_auth: ClientAuth,
    pub(crate) grant: Grant,
    pub(crate) placement: Placement,
}

/// Where the token endpoint is.
#[derive(Clone, Debug)]
pub(crate) enum AuthorizationServer {
    /// The URL of the token endpoint.
    TokenUrl(String),
    /// The issuer whose metadata names it, and the other origins that it may be at.
    Issuer(String, Vec<String>),
}

impl ClientCredentialsSettings {
    /// Builds the token that the client with this `secret` obtains.
    pub(super) fn bearer(
        &self,
        secret: SecretString,
        headers: &ConstantHeaders,
        transport: &Arc<dyn Transport>,
    ) -> Result<BearerBuilder, AuthError> {
        let client = self.client(secret)?;
        let (grant, headers) = (self.grant.clone(), headers.clone());
        let describe = move |endpoint: TokenEndpointBuilder| {
            let endpoint = endpoint.headers(headers.clone());
            endpoint.grant(grant.clone(), client.clone()).build()
        };
        let transport = Arc::clone(transport);
        let builder = match &self.server {
            AuthorizationServer::TokenUrl(url) => {
                Bearer::builder(describe(TokenEndpoint::builder(url, transport)?))
            }
            AuthorizationServer::Issuer(issuer, origins) => {
                let discovery = Discovery::new(issuer, transport)?;
                let discovery = origins.iter().try_fold(discovery, |discovery, origin| {
                    discovery.allow_origin(origin)
                })?;
                Bearer::builder(discovery.token_source(describe))
            }
        };
        Ok(builder.placement(self.placement.clone()))
    }

    fn client(&self, secret: SecretString) -> Result<Client, AuthError> {
        let id = &self.client_id;
        match self.client_auth {
            ClientAuth::Basic => Client::secret_basic(id, secret),
            ClientAuth::BasicUnencoded => Client::secret_basic_unencoded(id, secret),
            ClientAuth::Post => Client::secret_post(id, secret),
        }
    }
}
