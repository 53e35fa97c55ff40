//! What the token request carries.

use std::sync::Arc;

use http::Method;
use secrecy::SecretString;

use super::TokenEndpointBuilder;
use crate::oauth::{Client, Grant};
use crate::token::endpoint::body;
use crate::token::endpoint::request::Body;
use crate::{AuthError, Authenticator, ConstantHeaders, TokenRequestBody};

impl TokenEndpointBuilder {
    /// Sets the method, such as GET for a metadata endpoint. Default: POST.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.request.method = method;
        self
    }

    /// Adds these parameters to the endpoint's query, form-encoded.
    ///
    /// This crate never prints them, but servers and proxies log queries: prefer the body for a
    /// secret.
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

    /// Sends the body that `make` returns for each attempt, retries included. For an OAuth
    /// assertion, [`grant`](Self::grant) is shorter.
    ///
    /// `make` runs on the task of the token request: keep it short. If it fails, nothing is sent.
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

    /// Sends the parameters of an OAuth grant, and authenticates as `client`. See
    /// [`oauth`](crate::oauth).
    ///
    /// If the response has a `refresh_token`, the token keeps it as a [part](crate::Token::part).
    /// For [`Grant::refresh_token`], the store keeps it instead.
    ///
    /// A second call replaces the first. The credential of
    /// [`authorized_by`](Self::authorized_by) is sent besides, and must be in another place.
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
        self.client = client.credential();
        self.request.body = Body::Grant(grant, client);
        self
    }

    /// Authenticates the token request itself: with a fixed key such as [`Basic`](crate::Basic) or
    /// [`ApiKey`](crate::ApiKey), a [`Rotating`](crate::Rotating) key, or another token
    /// ([`Bearer`](crate::Bearer)).
    ///
    /// The authenticator gets the request with its body, and judges each response. A response with
    /// a token accepts the credential. A 401, `invalid_client` or the flag of
    /// [`refused_unless`](Self::refused_unless) refuses it: if a newer credential is available, the
    /// request is built and sent once more.
    #[must_use]
    pub fn authorized_by(self, credential: impl Authenticator + 'static) -> Self {
        Self {
            credential: Some(Arc::new(credential)),
            ..self
        }
    }

    /// Proves with each token request that the client has a key, and accepts only tokens that are
    /// bound to it: those of the type `token_type`, regardless of case and of
    /// [`token_types`](Self::token_types).
    ///
    /// `Dpop` of the crate `multi-auth-sign` calls this for the type `DPoP` (RFC 9449, 5).
    ///
    /// `proof` gets the request with its body and the client's credential, and judges each
    /// response. It can read the JSON body of a refusal with
    /// [`json_text`](crate::ResponseHead::json_text). If it asks for a replay, such as for the
    /// nonce of the server, the request is built and sent once more. A token of another type is
    /// [`TokenRequestProblem::NotBound`](crate::TokenRequestProblem::NotBound).
    #[must_use]
    pub fn proof_of_possession(
        mut self,
        token_type: &str,
        proof: impl Authenticator + 'static,
    ) -> Self {
        self.response.bound_type = Some(token_type.to_owned());
        self.proof = Some(Arc::new(proof));
        self
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

    /// Sends `headers`, in place of all that were set before.
    #[must_use]
    pub fn headers(mut self, headers: ConstantHeaders) -> Self {
        self.request.headers = headers;
        self
    }
}
