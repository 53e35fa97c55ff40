//! The token endpoint of an entry, and its token source.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use multi_auth::{
    AuthError, Basic, Bearer, BearerBuilder, ConstantHeaders, Placement, SecretString,
    TokenEndpoint, Transport,
};

use super::body;
use crate::document::{Format, TokenMethod};

/// A token endpoint as an entry describes it.
#[derive(Clone)]
pub(crate) struct TokenEndpointSettings {
    pub(crate) url: String,
    pub(crate) method: TokenMethod,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) token_types: Vec<String>,
    pub(crate) format: Format,
    pub(crate) key: KeyLocation,
    pub(crate) fields: serde_json::Map<String, serde_json::Value>,
    pub(crate) token_at: Option<String>,
    pub(crate) expires_in: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) default_lifetime: Option<Duration>,
    pub(crate) zero_means_unknown_lifetime: bool,
    pub(crate) refused_unless: Option<String>,
    pub(crate) placement: Placement,
}

/// Where a token request carries its key.
#[derive(Clone)]
pub(crate) enum KeyLocation {
    /// In the body, at this path of names.
    Body(Vec<String>),
    /// In `Authorization: Basic`, beside this client ID.
    ClientSecretBasic(String),
    /// In the body, beside this client ID.
    ClientSecretPost(String),
}

/// Hides the fields: they may hold a secret, although the documentation forbids it.
impl fmt::Debug for TokenEndpointSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpointSettings")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl TokenEndpointSettings {
    /// Builds the token that `secret` obtains from this endpoint.
    pub(super) fn bearer(
        &self,
        secret: SecretString,
        headers: &ConstantHeaders,
        transport: &Arc<dyn Transport>,
    ) -> Result<BearerBuilder, AuthError> {
        let builder = TokenEndpoint::builder(&self.url, Arc::clone(transport))?;
        let mut builder = builder.headers(headers.clone()).method(match self.method {
            TokenMethod::Post => Method::POST,
            TokenMethod::Put => Method::PUT,
            TokenMethod::Get => Method::GET,
        });
        let query = self.query.iter();
        builder = builder.query(query.map(|(name, value)| (name.as_str(), value.as_str())));
        if !self.token_types.is_empty() {
            builder = builder.token_types(self.token_types.iter().map(String::as_str));
        }
        builder = match &self.key {
            KeyLocation::Body(names) => {
                body::with_key(builder, self.format, &self.fields, names, &secret)
            }
            KeyLocation::ClientSecretBasic(client) => {
                let client = Basic::client_secret(client, secret)?;
                let builder = match self.method {
                    TokenMethod::Get => builder,
                    _ => body::without_key(builder, self.format, &self.fields),
                };
                builder.authorized_by(client)
            }
            KeyLocation::ClientSecretPost(client) => {
                let mut fields = self.fields.clone();
                fields.insert("client_id".to_owned(), client.as_str().into());
                let secret_field = ["client_secret".to_owned()];
                body::with_key(builder, self.format, &fields, &secret_field, &secret)
            }
        };
        if let Some(pointer) = &self.token_at {
            builder = builder.token_at(pointer);
        }
        if let Some(pointer) = &self.expires_in {
            builder = builder.expires_in(pointer);
        }
        if let Some(pointer) = &self.expires_at {
            builder = builder.expires_at(pointer);
        }
        if let Some(lifetime) = self.default_lifetime {
            builder = builder.default_lifetime(lifetime);
        }
        if self.zero_means_unknown_lifetime {
            builder = builder.zero_means_unknown_lifetime();
        }
        if let Some(pointer) = &self.refused_unless {
            builder = builder.refused_unless(pointer);
        }
        Ok(Bearer::builder(builder.build()).placement(self.placement.clone()))
    }
}
