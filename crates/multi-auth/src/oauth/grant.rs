//! What a client asks the token endpoint for (RFC 6749, 4).

use std::sync::Arc;

use secrecy::SecretString;

use super::parameter::Parameter;
use super::{Encoding, RefreshTokenStore};
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
    /// The refresh token comes from a store, and goes back there when the server replaces it.
    RefreshToken(Arc<dyn RefreshTokenStore>),
    /// The response names the type of the token that it holds.
    TokenExchange,
}

impl Grant {
    /// The client's own access (RFC 6749, 4.4).
    #[must_use]
    pub fn client_credentials() -> Self {
        Self::custom("client_credentials")
    }

    /// A refresh token (RFC 6749, 6), which `store` keeps. If the response has a new one, `store`
    /// gets it before the access token is used; if it has none, the old one stays.
    ///
    /// A refresh token that the server refuses (`invalid_grant`) is an error that asks for a new
    /// login: [`TokenRequestProblem::LoginRequired`](crate::TokenRequestProblem::LoginRequired).
    #[must_use]
    pub fn refresh_token(store: impl RefreshTokenStore + 'static) -> Self {
        Self {
            kind: Kind::RefreshToken(Arc::new(store)),
            ..Self::custom("refresh_token")
        }
    }

    /// An authorization code with the PKCE code verifier of its authorization request (RFC 6749,
    /// 4.1.3; RFC 7636, 4.5). It is good for one request: send it with
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

    /// The device code of a device authorization response (RFC 8628, 3.4).
    #[must_use]
    pub fn device_code(device_code: impl Into<SecretString>) -> Self {
        Self::custom("urn:ietf:params:oauth:grant-type:device_code")
            .with_parameter("device_code", device_code)
    }

    /// A signed assertion about the subject (RFC 7523, 2.1). `assertions` is asked for each
    /// attempt, retries included: a server refuses an assertion that it has seen.
    #[must_use]
    pub fn jwt_bearer(assertions: impl TokenSource + 'static) -> Self {
        Self::custom("urn:ietf:params:oauth:grant-type:jwt-bearer")
            .with_fresh_parameter("assertion", assertions)
    }

    /// A security token of another issuer (RFC 8693, 2.1), which `subject_tokens` gives for each
    /// attempt. `subject_token_type` is a URI of RFC 8693, 3, such as
    /// `urn:ietf:params:oauth:token-type:jwt`.
    ///
    /// A response without `issued_token_type` is an error (RFC 8693, 2.2.1); the token has it as a
    /// [part](crate::Token::part). A token of the type `N_A` is no access token and is refused,
    /// unless [`token_types`](crate::TokenEndpointBuilder::token_types) accepts it.
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

    /// A grant of this `grant_type`, such as `account_credentials` at Zoom.
    #[must_use]
    pub fn custom(grant_type: &str) -> Self {
        Self {
            kind: Kind::Plain,
            parameters: vec![Parameter::fixed("grant_type", grant_type)],
            encoding: Encoding::default(),
        }
    }

    /// The same grant for these scopes, joined by spaces (RFC 6749, 3.3). None: no `scope` is
    /// sent, and the server decides.
    #[must_use]
    pub fn with_scopes<S: AsRef<str>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.with_scopes_separated_by(" ", scopes)
    }

    /// The same with another separator, such as `,`, for a server that requires it.
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

    /// The same grant for this `audience`: the API that the token is for, as Auth0 and others name
    /// it (RFC 8693, 2.1).
    #[must_use]
    pub fn with_audience(self, audience: &str) -> Self {
        self.with_parameter("audience", audience)
    }

    /// The same grant for this `resource`, an absolute URI (RFC 8707, 2). Call it again for
    /// another one.
    #[must_use]
    pub fn with_resource(self, resource: &str) -> Self {
        self.with_parameter("resource", resource)
    }

    /// The same grant with one more parameter.
    #[must_use]
    pub fn with_parameter(mut self, name: &str, value: impl Into<SecretString>) -> Self {
        self.parameters.push(Parameter::fixed(name, value));
        self
    }

    /// The same grant with one more parameter, whose value `values` gives for each attempt.
    #[must_use]
    pub fn with_fresh_parameter(mut self, name: &str, values: impl TokenSource + 'static) -> Self {
        self.parameters.push(Parameter::fresh(name, values));
        self
    }

    /// The same grant with its parameters, and those of the client, in another place of the
    /// request. Default: [`Encoding::Form`].
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

    /// The store of the refresh token, if that is the grant.
    pub(crate) fn refresh_tokens(&self) -> Option<&dyn RefreshTokenStore> {
        match &self.kind {
            Kind::RefreshToken(store) => Some(&**store),
            Kind::Plain | Kind::TokenExchange => None,
        }
    }

    /// Whether the response must name the type of the token (RFC 8693, 2.2.1).
    pub(crate) fn is_token_exchange(&self) -> bool {
        matches!(self.kind, Kind::TokenExchange)
    }
}
