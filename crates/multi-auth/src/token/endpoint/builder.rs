//! Describes a token request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use secrecy::SecretString;
use url::Url;

use super::budget::Budget;
use super::request::{Body, RequestSpec};
use super::response::{Part, ResponseSpec};
use super::{TokenEndpoint, TokenRequestBody, body};
use crate::checked_url;
use crate::oauth::{Client, Grant};
use crate::token::cache::Rate;
use crate::{AuthError, Authenticator, ConstantHeaders, Transport};

/// Describes a [`TokenEndpoint`], from [`TokenEndpoint::builder`].
///
/// Places in the response are JSON pointers (RFC 6901), such as `/data/token`. An empty pointer is
/// the whole response.
pub struct TokenEndpointBuilder {
    request: RequestSpec,
    transport: Arc<dyn Transport>,
    credential: Option<Arc<dyn Authenticator>>,
    response: ResponseSpec,
    budget: Budget,
}

impl TokenEndpointBuilder {
    pub(super) fn new(endpoint: Url, transport: Arc<dyn Transport>) -> Self {
        Self {
            budget: Budget::of(&endpoint),
            request: RequestSpec::new(endpoint),
            transport,
            credential: None,
            response: ResponseSpec::default(),
        }
    }

    /// The request's method, such as GET at a metadata endpoint. Default: POST.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.request.method = method;
        self
    }

    /// Adds these parameters to the endpoint's query, form-encoded. This crate never prints them,
    /// but servers and proxies log queries: prefer the body for a secret.
    #[must_use]
    pub fn query<N: Into<String>, V: Into<SecretString>>(
        mut self,
        parameters: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.request.query.extend(body::pairs(parameters));
        self
    }

    /// Sends a JSON object with these members, all strings.
    #[must_use]
    pub fn json<N: Into<String>, V: Into<SecretString>>(
        self,
        members: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.body(TokenRequestBody::json(members))
    }

    /// Sends this JSON text unchanged: for members that are not strings, and nested objects.
    #[must_use]
    pub fn json_text(self, text: impl Into<SecretString>) -> Self {
        self.body(TokenRequestBody::json_text(text))
    }

    /// Sends these fields form-encoded (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form<N: Into<String>, V: Into<SecretString>>(
        self,
        fields: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.body(TokenRequestBody::form(fields))
    }

    /// Sends this body.
    #[must_use]
    pub fn body(mut self, body: TokenRequestBody) -> Self {
        self.request.body = Body::Fixed(body);
        self
    }

    /// Sends the body that `make` returns, for a body that changes. It is called for each attempt,
    /// retries included. For an OAuth assertion, [`grant`](Self::grant) is shorter.
    ///
    /// It runs on the task of the token request: keep it short. If it fails, nothing is sent.
    ///
    /// ```
    /// # use multi_auth::{AuthError, TokenEndpointBuilder, TokenRequestBody};
    /// # fn sign() -> Result<String, AuthError> { Ok(String::new()) }
    /// # fn example(endpoint: TokenEndpointBuilder) -> TokenEndpointBuilder {
    /// endpoint.body_with(|| {
    ///     Ok(TokenRequestBody::form([
    ///         ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned()),
    ///         ("assertion", sign()?),
    ///     ]))
    /// })
    /// # }
    /// ```
    #[must_use]
    pub fn body_with(
        mut self,
        make: impl Fn() -> Result<TokenRequestBody, AuthError> + Send + Sync + 'static,
    ) -> Self {
        self.request.body = Body::Made(Arc::new(make));
        self
    }

    /// Sends the parameters of an OAuth grant, as this client: see [`oauth`](crate::oauth).
    ///
    /// The token keeps the response's `refresh_token`, if it has one, as a
    /// [part](crate::Token::part), except for [`Grant::refresh_token`], whose store keeps it.
    ///
    /// ```
    /// use multi_auth::oauth::{Client, Grant};
    /// use multi_auth::{AuthError, TokenEndpoint, TokenEndpointBuilder};
    ///
    /// # fn main() {}
    /// # fn example(endpoint: TokenEndpointBuilder) -> Result<TokenEndpoint, AuthError> {
    /// let grant = Grant::client_credentials().with_scopes(["orders.read"]);
    /// Ok(endpoint.grant(grant, Client::secret_basic("my-app", "s3cret")?).build())
    /// # }
    /// ```
    #[must_use]
    pub fn grant(mut self, grant: Grant, client: Client) -> Self {
        self.response.expect(&grant);
        if let Some(credential) = client.credential() {
            self.credential = Some(credential);
        }
        self.request.body = Body::Grant(grant, client);
        self
    }

    /// Authenticates the token request itself: with a fixed key such as [`Basic`](crate::Basic) or
    /// [`ApiKey`](crate::ApiKey), a [`Rotating`](crate::Rotating) key, or another token
    /// ([`Bearer`](crate::Bearer)).
    ///
    /// The authenticator sees the whole request, body included, and judges each response once. A
    /// token in the response accepts the credential; 401, `invalid_client` or the flag of
    /// [`refused_unless`](Self::refused_unless) refuses it. If a newer credential is then
    /// available, the request is built again and sent once more.
    #[must_use]
    pub fn authorized_by(self, credential: impl Authenticator + 'static) -> Self {
        Self {
            credential: Some(Arc::new(credential)),
            ..self
        }
    }

    /// Sends the header field `name` with the constant `value`, such as the `User-Agent` that the
    /// vendor asks for. Default: `User-Agent: multi-auth/<version>` and `Accept: application/json`.
    ///
    /// # Errors
    ///
    /// As [`ConstantHeaders::with`].
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, AuthError> {
        self.request.headers = self.request.headers.with(name, value)?;
        Ok(self)
    }

    /// Sends `headers` in place of earlier ones.
    #[must_use]
    pub fn headers(mut self, headers: ConstantHeaders) -> Self {
        self.request.headers = headers;
        self
    }

    /// The token types to accept, regardless of case, in place of `Bearer`. A response without a
    /// type is a `Bearer` token.
    ///
    /// A token of another type must not be sent as a bearer token (RFC 6749, 7.1): set the
    /// [`placement`](crate::BearerBuilder::placement) that the type requires. The type `N_A` means
    /// that the token is not an access token (RFC 8693, 2.2.1).
    #[must_use]
    pub fn token_types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.response.token_types = types.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps the text at `pointer` as the token's [part](crate::Token::part) `name`, such as the
    /// `instance_url` of Salesforce. A response without it is an error.
    #[must_use]
    pub fn part_at(mut self, name: &str, pointer: &str) -> Self {
        self.response.keep(Part::required(name, pointer));
        self
    }

    /// The same for a part that the response may omit, such as a refresh token.
    #[must_use]
    pub fn optional_part_at(mut self, name: &str, pointer: &str) -> Self {
        self.response.keep(Part::optional(name, pointer));
        self
    }

    /// The pointer to the token. Default: `/access_token`.
    #[must_use]
    pub fn token_at(mut self, pointer: &str) -> Self {
        pointer.clone_into(&mut self.response.token);
        self
    }

    /// The pointer to the token's lifetime in seconds. Default: `/expires_in`.
    #[must_use]
    pub fn expires_in(mut self, pointer: &str) -> Self {
        self.response.expires_in = Some(pointer.to_owned());
        self.response.lifetime_unit = Duration::from_secs(1);
        self
    }

    /// The pointer to the token's lifetime in milliseconds, for a vendor that uses them.
    #[must_use]
    pub fn expires_in_milliseconds(mut self, pointer: &str) -> Self {
        self = self.expires_in(pointer);
        self.response.lifetime_unit = Duration::from_millis(1);
        self
    }

    /// The pointer to the token's expiry: RFC 3339 text, or seconds since 1970-01-01T00:00:00Z. An
    /// absent value, `null` and the start of the year 1 mean that there is none. A number of
    /// 1,000,000,000,000 or more counts milliseconds (or micro- or nanoseconds).
    ///
    /// If the response has a `Date`, the lifetime is computed from it, so that this machine's clock
    /// may be wrong.
    #[must_use]
    pub fn expires_at(mut self, pointer: &str) -> Self {
        self.response.expires_at = Some(pointer.to_owned());
        self
    }

    /// The lifetime of a token whose response has none. Default: the token is used until it is
    /// refused.
    #[must_use]
    pub fn default_lifetime(mut self, lifetime: Duration) -> Self {
        self.response.default_lifetime = Some(lifetime);
        self
    }

    /// Treats a lifetime or an expiry of zero as unknown, for vendors whose tokens are valid until
    /// revoked: the token gets the [`default_lifetime`](Self::default_lifetime), if there is one.
    /// Default: such a token is expired on arrival, which is an error.
    #[must_use]
    pub fn zero_means_unknown_lifetime(mut self) -> Self {
        self.response.zero_is_unknown = true;
        self
    }

    /// The number of token requests at the endpoint's origin (scheme, host and port): `burst` at
    /// once, then one per `interval`. Default: 1,000, then 50 per second.
    ///
    /// All token requests of this process at that origin count, over all accounts. One above the
    /// limit is not sent and fails with
    /// [`TokenRequestProblem::BudgetSpent`](crate::TokenRequestProblem::BudgetSpent).
    #[must_use]
    pub fn endpoint_limit(mut self, burst: u32, interval: Duration) -> Self {
        self.budget.rate = Some(Rate { burst, interval });
        self
    }

    /// Sends token requests without a limit. A wrong clock or a token that is always refused may
    /// then flood the endpoint, and the vendor may lock all accounts.
    #[must_use]
    pub fn dangerous_without_endpoint_limit(mut self) -> Self {
        self.budget.rate = None;
        self
    }

    /// The pointer to a flag that is `false` if the vendor refuses the key with status 200.
    #[must_use]
    pub fn refused_unless(mut self, pointer: &str) -> Self {
        self.response.accepted = Some(pointer.to_owned());
        self
    }

    /// Builds the token endpoint.
    #[must_use]
    pub fn build(self) -> TokenEndpoint {
        let Self {
            request,
            transport,
            credential,
            response,
            budget,
        } = self;
        TokenEndpoint {
            request,
            transport,
            credential,
            response,
            budget,
        }
    }
}

impl fmt::Debug for TokenEndpointBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = checked_url::shown(&self.request.endpoint);
        f.debug_struct("TokenEndpointBuilder")
            .field("endpoint", &endpoint)
            .finish_non_exhaustive()
    }
}
