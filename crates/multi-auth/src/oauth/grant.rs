//! What a client requests from the token endpoint (RFC 6749, 4).

use std::sync::Arc;

use secrecy::SecretString;

use super::parameter::Parameter;
use super::{Encoding, RefreshTokenStore, Rotation};
use crate::TokenSource;

/// A grant: the `grant_type` of a token request and its parameters (RFC 6749, 1.3).
///
/// ```
/// use multi_auth::oauth::Grant;
///
/// // grant_type=client_credentials&scope=orders.read&audience=https%3A%2F%2Forders.example.com
/// let grant = Grant::client_credentials()
///     .with_scopes(["orders.read"])
///     .with_audience("https://orders.example.com");
/// ```
///
/// `Debug` prints the names of the parameters.
#[derive(Clone, Debug)]
pub struct Grant {
    kind: Kind,
    parameters: Vec<Parameter>,
    encoding: Encoding,
}

/// What differs between grants besides their parameters.
#[derive(Clone, Debug)]
enum Kind {
    Plain,
    /// The refresh token is in a store, which also keeps the new one if the server replaces it.
    RefreshToken(Arc<Rotation>),
    /// The response must name the type of its token.
    TokenExchange,
}

impl Grant {
    /// Requests access for the client itself (RFC 6749, 4.4).
    #[must_use]
    pub fn client_credentials() -> Self {
        Self::custom("client_credentials")
    }

    /// Presents a refresh token (RFC 6749, 6), which `store` keeps.
    ///
    /// If the response has a new refresh token, `store` replaces the old one before the access
    /// token is used. Otherwise the old one stays.
    ///
    /// If the server refuses the refresh token (`invalid_grant`), the error is
    /// [`TokenRequestProblem::LoginRequired`](crate::TokenRequestProblem::LoginRequired).
    #[must_use]
    pub fn refresh_token(store: impl RefreshTokenStore + 'static) -> Self {
        Self {
            kind: Kind::RefreshToken(Arc::new(Rotation::new(store))),
            ..Self::custom("refresh_token")
        }
    }

    /// Presents an authorization code with the PKCE code verifier of its authorization request (RFC
    /// 6749, 4.1.3; RFC 7636, 4.5).
    ///
    /// A code is valid for one request: send it with
    /// [`TokenSource::token`](crate::TokenSource::token), not through a [`Bearer`](crate::Bearer).
    #[must_use]
    pub fn authorization_code(
        code: impl Into<SecretString>,
        redirect_uri: &str,
        code_verifier: impl Into<SecretString>,
    ) -> Self {
        Self::custom("authorization_code")
            .with_parameter("code", code)
            .with_parameter("redirect_uri", redirect_uri)
            .with_parameter("code_verifier", code_verifier)
    }

    /// Presents the device code of a device authorization response (RFC 8628, 3.4).
    #[must_use]
    pub fn device_code(device_code: impl Into<SecretString>) -> Self {
        Self::custom("urn:ietf:params:oauth:grant-type:device_code")
            .with_parameter("device_code", device_code)
    }

    /// Presents a signed assertion about the subject (RFC 7523, 2.1).
    ///
    /// `assertions` signs a new one for each attempt, retries included, because servers refuse an
    /// assertion that they have seen.
    #[must_use]
    pub fn jwt_bearer(assertions: impl TokenSource + 'static) -> Self {
        Self::custom("urn:ietf:params:oauth:grant-type:jwt-bearer")
            .with_fresh_parameter("assertion", assertions)
    }

    /// Presents a security token of another issuer (RFC 8693, 2.1), which `subject_tokens` returns
    /// for each attempt.
    ///
    /// `subject_token_type` is a URI of RFC 8693, 3, such as
    /// `urn:ietf:params:oauth:token-type:jwt`.
    ///
    /// A response without `issued_token_type` is an error (RFC 8693, 2.2.1). The token keeps this
    /// value as a [part](crate::Token::part). A token of the type `N_A` is not an access token and
    /// is refused, unless [`token_types`](crate::TokenEndpointBuilder::token_types) accepts it.
    #[must_use]
    pub fn token_exchange(
        subject_tokens: impl TokenSource + 'static,
        subject_token_type: &str,
    ) -> Self {
        let grant = Self::custom("urn:ietf:params:oauth:grant-type:token-exchange")
            .with_fresh_parameter("subject_token", subject_tokens)
            .with_parameter("subject_token_type", subject_token_type);
        Self {
            kind: Kind::TokenExchange,
            ..grant
        }
    }

    /// No grant: the parameters of a request to another endpoint.
    pub(super) fn none() -> Self {
        Self {
            kind: Kind::Plain,
            parameters: Vec::new(),
            encoding: Encoding::default(),
        }
    }

    /// A grant with any `grant_type`, such as `account_credentials` at Zoom.
    #[must_use]
    pub fn custom(grant_type: &str) -> Self {
        Self {
            kind: Kind::Plain,
            parameters: vec![Parameter::fixed("grant_type", grant_type)],
            encoding: Encoding::default(),
        }
    }

    /// Requests these scopes, joined by spaces (RFC 6749, 3.3). Without any, no `scope` is sent and
    /// the server chooses.
    #[must_use]
    pub fn with_scopes<S: AsRef<str>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.with_scopes_separated_by(" ", scopes)
    }

    /// Requests these scopes, joined by `separator`, such as `,`, for a server that requires it.
    #[must_use]
    pub fn with_scopes_separated_by<S: AsRef<str>>(
        self,
        separator: &str,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        let scopes: Vec<_> = scopes.into_iter().collect();
        if scopes.is_empty() {
            return self;
        }
        let scopes: Vec<_> = scopes.iter().map(AsRef::as_ref).collect();
        self.with_parameter("scope", scopes.join(separator))
    }

    /// Requests a token for this `audience`, the name of an API at Auth0 and others (RFC 8693,
    /// 2.1).
    #[must_use]
    pub fn with_audience(self, audience: &str) -> Self {
        self.with_parameter("audience", audience)
    }

    /// Requests a token for this `resource`, an absolute URI (RFC 8707, 2). Call it again to add
    /// another one.
    #[must_use]
    pub fn with_resource(self, resource: &str) -> Self {
        self.with_parameter("resource", resource)
    }

    /// Adds the parameter `name` with a fixed `value`.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.parameters.push(Parameter::fixed(name, value));
        self
    }

    /// Adds the parameter `name`, whose value `values` returns for each attempt.
    #[must_use]
    pub fn with_fresh_parameter(mut self, name: &str, values: impl TokenSource + 'static) -> Self {
        self.parameters.push(Parameter::fresh(name, values));
        self
    }

    /// Sets where the request carries the parameters of the grant and of the client. Default:
    /// [`Encoding::Form`].
    #[must_use]
    pub fn with_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    pub(crate) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The store of the refresh token, if the grant presents one.
    pub(crate) fn rotation(&self) -> Option<&Arc<Rotation>> {
        match &self.kind {
            Kind::RefreshToken(rotation) => Some(rotation),
            Kind::Plain | Kind::TokenExchange => None,
        }
    }

    /// Whether the response must name the type of the token (RFC 8693, 2.2.1).
    pub(crate) fn is_token_exchange(&self) -> bool {
        matches!(self.kind, Kind::TokenExchange)
    }
}
