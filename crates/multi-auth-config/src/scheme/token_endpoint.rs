//! The token endpoint of an entry, and its token source.

mod inner;
pub(crate) use inner::InnerCredential;
mod response;
pub(crate) use response::{ResponseSettings, TokenLocation};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderValue, Method};
use multi_auth::{
    AuthError, Basic, Bearer, BearerBuilder, ConstantHeaders, Placement, Token, TokenEndpoint,
    TokenEndpointBuilder, TokenRequestBody, TokenSource, Transport,
};
use serde_json::{Map, Value};

use super::{BASE_URL, Secrets, body};
use crate::document::{Format, TokenMethod};

/// A token endpoint as an entry describes it.
#[derive(Clone)]
pub(crate) struct TokenEndpointSettings {
    pub(crate) url: String,
    pub(crate) method: TokenMethod,
    pub(crate) query: BTreeMap<String, String>,
    /// Header fields besides those of the entry.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) format: Format,
    pub(crate) key: KeyLocation,
    pub(crate) fields: Map<String, Value>,
    pub(crate) response: ResponseSettings,
    pub(crate) placement: Placement,
    /// The next token request. Its key is the token of this one.
    pub(crate) then: Option<Box<TokenEndpointSettings>>,
}

/// Where a token request carries its key.
#[derive(Clone)]
pub(crate) enum KeyLocation {
    /// In the body, at this path of names.
    Body(Vec<String>),
    /// In this body of XML.
    Xml(String),
    /// In `Authorization: Basic`, beside this client ID.
    ClientSecretBasic(String),
    /// In the body, beside this client ID.
    ClientSecretPost(String),
    /// In this credential.
    Inner(InnerCredential),
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
    /// Builds the token that `secrets` obtain from this endpoint, and from those that follow it.
    pub(super) fn bearer(
        &self,
        secrets: Secrets,
        headers: &ConstantHeaders,
        transport: &Arc<dyn Transport>,
    ) -> Result<BearerBuilder, AuthError> {
        let source = self.source(secrets, headers, transport)?;
        Ok(Bearer::builder(source).placement(self.placement.clone()))
    }

    /// Keeps the text at `pointer` of the last response as the base URL.
    pub(super) fn keep_base_url(&mut self, pointer: &str) {
        if let Some(then) = &mut self.then {
            then.keep_base_url(pointer);
        } else {
            let part = (BASE_URL.to_owned(), pointer.to_owned());
            self.response.keep.push(part);
        }
    }

    fn source(
        &self,
        secrets: Secrets,
        headers: &ConstantHeaders,
        transport: &Arc<dyn Transport>,
    ) -> Result<Box<dyn TokenSource>, AuthError> {
        let Some(then) = &self.then else {
            return Ok(Box::new(self.endpoint(secrets, headers, transport)?));
        };
        Ok(Box::new(Steps {
            first: self.endpoint(secrets.clone(), headers, transport)?,
            then: then.clone(),
            secrets,
            headers: headers.clone(),
            transport: Arc::clone(transport),
        }))
    }

    fn endpoint(
        &self,
        secrets: Secrets,
        headers: &ConstantHeaders,
        transport: &Arc<dyn Transport>,
    ) -> Result<TokenEndpoint, AuthError> {
        let mut own = self.headers.iter();
        let headers = own.try_fold(headers.clone(), |headers, (name, value)| {
            headers.with(name, value)
        })?;
        let query = self.query.iter();
        let query = query.map(|(name, value)| (name.as_str(), secrets.fill_others(value)));
        let builder = TokenEndpoint::builder(&self.url, Arc::clone(transport))?
            .headers(headers)
            .query(query)
            .method(match self.method {
                TokenMethod::Post => Method::POST,
                TokenMethod::Put => Method::PUT,
                TokenMethod::Get => Method::GET,
            });
        let builder = self.with_key(builder, secrets)?;
        Ok(self.response.describe(builder).build())
    }

    fn with_key(
        &self,
        builder: TokenEndpointBuilder,
        secrets: Secrets,
    ) -> Result<TokenEndpointBuilder, AuthError> {
        const XML: HeaderValue = HeaderValue::from_static("application/xml");
        Ok(match &self.key {
            KeyLocation::Body(names) => self.with_fields(builder, Some(names), &secrets),
            KeyLocation::Xml(template) => {
                builder.body(TokenRequestBody::text(XML, secrets.fill_xml(template)))
            }
            KeyLocation::ClientSecretBasic(client) => {
                let builder = self.with_fields(builder, None, &secrets);
                builder.authorized_by(Basic::client_secret(client, secrets.key)?)
            }
            KeyLocation::ClientSecretPost(client) => {
                let secret = ["client_secret".to_owned()];
                let body = body::Body {
                    client_id: Some(client),
                    key: Some(&secret),
                    ..self.body()
                };
                body.put(builder, &secrets)
            }
            KeyLocation::Inner(credential) => {
                let builder = self.with_fields(builder, None, &secrets);
                builder.authorized_by(credential.build(secrets.key)?)
            }
        })
    }

    fn with_fields(
        &self,
        builder: TokenEndpointBuilder,
        key: Option<&[String]>,
        secrets: &Secrets,
    ) -> TokenEndpointBuilder {
        if self.method == TokenMethod::Get {
            return builder;
        }
        let body = body::Body { key, ..self.body() };
        body.put(builder, secrets)
    }

    fn body(&self) -> body::Body<'_> {
        body::Body {
            format: self.format,
            fields: &self.fields,
            client_id: None,
            key: None,
        }
    }
}

/// Token requests one after another: each has the token of the one before as its key.
#[derive(Debug)]
struct Steps {
    first: TokenEndpoint,
    then: Box<TokenEndpointSettings>,
    secrets: Secrets,
    headers: ConstantHeaders,
    transport: Arc<dyn Transport>,
}

#[async_trait]
impl TokenSource for Steps {
    async fn token(&self) -> Result<Token, AuthError> {
        let first = self.first.token().await?;
        let mut secrets = self.secrets.clone();
        secrets.key = first.value().clone();
        let kept = first
            .parts()
            .map(|(name, part)| (name.to_owned(), part.clone()));
        secrets.others.extend(kept);
        let then = self.then.source(secrets, &self.headers, &self.transport)?;
        then.token().await
    }
}
