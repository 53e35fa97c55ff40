//! Describes an exchange.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::TokenExchange;
use super::answer::Shape;
use super::request::Body;
use crate::{AuthError, Authenticator, ConstantHeaders, Transport, endpoint};

/// Describes a [`TokenExchange`], from [`TokenExchange::builder`].
///
/// Places in the answer are JSON pointers (RFC 6901), such as `/data/token`. An empty pointer is
/// the whole answer.
pub struct TokenExchangeBuilder {
    endpoint: Url,
    transport: Arc<dyn Transport>,
    body: Body,
    credential: Option<Arc<dyn Authenticator>>,
    headers: ConstantHeaders,
    shape: Shape,
}

impl TokenExchangeBuilder {
    pub(super) fn new(endpoint: Url, transport: Arc<dyn Transport>) -> Self {
        let shape = Shape::default();
        Self {
            endpoint,
            transport,
            body: Body::Empty,
            credential: None,
            headers: ConstantHeaders::new(),
            shape,
        }
    }

    /// Sends a JSON object with these members, all strings.
    #[must_use]
    pub fn json<N: Into<String>, V: Into<SecretString>>(
        self,
        members: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            body: Body::Json(secret_pairs(members)),
            ..self
        }
    }

    /// Sends these fields form-encoded (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form<N: Into<String>, V: Into<SecretString>>(
        self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            body: Body::Form(secret_pairs(fields)),
            ..self
        }
    }

    /// Authenticates the exchange itself, with a fixed key such as [`Basic`](crate::Basic) or
    /// [`ApiKey`](crate::ApiKey).
    #[must_use]
    pub fn authorized_by(self, credential: impl Authenticator + 'static) -> Self {
        Self {
            credential: Some(Arc::new(credential)),
            ..self
        }
    }

    /// Sends the header field `name` with the constant `value`, such as the `User-Agent` that the vendor
    /// asks for. Default: `User-Agent: multi-auth/<version>` and `Accept: application/json`.
    ///
    /// # Errors
    ///
    /// As [`ConstantHeaders::with`].
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, AuthError> {
        self.headers = self.headers.with(name, value)?;
        Ok(self)
    }

    /// Sends `headers`, in place of those that were given before.
    #[must_use]
    pub fn headers(self, headers: ConstantHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Where the token stands. Default: `/access_token`.
    #[must_use]
    pub fn token_at(mut self, pointer: &str) -> Self {
        pointer.clone_into(&mut self.shape.token);
        self
    }

    /// Where the token's lifetime stands, in seconds from now. Default: `/expires_in`.
    #[must_use]
    pub fn expires_in(mut self, pointer: &str) -> Self {
        self.shape.expires_in = Some(pointer.to_owned());
        self
    }

    /// Where the moment of the token's expiry stands, as RFC 3339 text or in seconds since
    /// 1970-01-01T00:00:00Z. None, `null` and the first moment of the year 1 mean that it is not set.
    #[must_use]
    pub fn expires_at(mut self, pointer: &str) -> Self {
        self.shape.expires_at = Some(pointer.to_owned());
        self
    }

    /// The lifetime of a token whose answer names none. Default: it lives until it is refused.
    #[must_use]
    pub fn default_lifetime(mut self, lifetime: Duration) -> Self {
        self.shape.default_lifetime = Some(lifetime);
        self
    }

    /// Where a flag stands that is `false` when the key is refused in spite of a status of 200.
    #[must_use]
    pub fn refused_unless(mut self, pointer: &str) -> Self {
        self.shape.accepted = Some(pointer.to_owned());
        self
    }

    /// The exchange.
    #[must_use]
    pub fn build(self) -> TokenExchange {
        let Self {
            endpoint,
            transport,
            body,
            credential,
            headers,
            shape,
        } = self;
        TokenExchange {
            endpoint,
            transport,
            body,
            credential,
            headers,
            shape,
        }
    }
}

fn secret_pairs<N: Into<String>, V: Into<SecretString>>(
    pairs: impl IntoIterator<Item = (N, V)>,
) -> Vec<(String, SecretString)> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

impl fmt::Debug for TokenExchangeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = endpoint::shown(&self.endpoint);
        f.debug_struct("TokenExchangeBuilder")
            .field("endpoint", &endpoint)
            .finish_non_exhaustive()
    }
}
