//! Token endpoints, described as data: the request, and the places of token and expiry in the
//! response.

mod budget;
pub(crate) use budget::Budget;
mod constant_headers;
mod response;
pub use constant_headers::{ConstantHeaders, USER_AGENT};
mod builder;
pub use builder::TokenEndpointBuilder;
mod attempt;
mod call;
pub(crate) use call::call;
mod body;
pub use body::TokenRequestBody;
mod expiry;
mod fields;
mod http_date;
mod jwt_expiry;
mod request;
mod retry_after;
mod token_place;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use self::attempt::{InnerCredential, TokenResponse};
use self::request::{Attempt, RequestSpec};
use self::response::ResponseSpec;
use crate::adapter::transport::TransportProblem;
use crate::checked_url::{self, PlainHttp};
use crate::{
    AuthError, Authenticator, Token, TokenRequestProblem, TokenSource, Transport, TransportError,
};

/// Obtains tokens from a token endpoint (RFC 6749, 3.2), or from any endpoint that returns a token.
///
/// The endpoint must be https (or a loopback address).
///
/// ```
/// use multi_auth::{Bearer, TokenEndpoint, Transport};
///
/// # fn main() {}
/// # fn bearer(transport: impl Transport + 'static) -> Result<Bearer, multi_auth::AuthError> {
/// // POST https://api.example.com/login  {"client": "c-1", "secret": "s-1"}
/// // -> {"data": {"token": "t-1", "exp": 1790000000}}
/// let endpoint = TokenEndpoint::builder("https://api.example.com/login", transport)?
///     .json([("client", "c-1"), ("secret", "s-1")])
///     .token_at("/data/token")
///     .expires_at("/data/exp")
///     .build();
/// # Ok(Bearer::new(endpoint))
/// # }
/// ```
///
/// A token request follows no redirect, so keys reach no other server. It never carries the token
/// that it replaces.
pub struct TokenEndpoint {
    request: RequestSpec,
    transport: Arc<dyn Transport>,
    credential: Option<Arc<dyn Authenticator>>,
    response: ResponseSpec,
    budget: Budget,
}

/// The name of the URL in errors.
const ENDPOINT: &str = "token endpoint";

impl TokenEndpoint {
    /// Describes a token request to `endpoint`, sent through `transport`.
    ///
    /// By default it is a POST without a body, and the token is at `/access_token` (RFC 6749, 5.1).
    ///
    /// # Errors
    ///
    /// [`AuthError::Invalid`] if `endpoint` is not absolute, is plain http to a host that is not a
    /// loopback address, or has a user, password or fragment.
    pub fn builder(
        endpoint: &str,
        transport: impl Transport + 'static,
    ) -> Result<TokenEndpointBuilder, AuthError> {
        let endpoint = checked_url::parse(ENDPOINT, endpoint, PlainHttp::LoopbackOnly)?;
        Ok(TokenEndpointBuilder::new(endpoint, Arc::new(transport)))
    }

    /// As [`builder`](Self::builder), but `endpoint` may be plain http to any host.
    ///
    /// Everyone on the network path can then read the key and the token.
    ///
    /// # Errors
    ///
    /// As [`builder`](Self::builder), plain http excepted.
    pub fn dangerous_plain_http(
        endpoint: &str,
        transport: impl Transport + 'static,
    ) -> Result<TokenEndpointBuilder, AuthError> {
        let endpoint = checked_url::parse(ENDPOINT, endpoint, PlainHttp::Anywhere)?;
        Ok(TokenEndpointBuilder::new(endpoint, Arc::new(transport)))
    }

    /// Makes one token request. If the endpoint refuses the inner credential and a newer one is
    /// available, the request is built and sent again, once for each reason.
    async fn request_token(&self) -> Result<Token, AuthError> {
        let mut attempt = self.request.attempt().await?;
        let Some(credential) = self.credential.as_deref() else {
            return self.send(attempt).await?.token(self);
        };
        let mut carried = InnerCredential::attach(credential, &mut attempt).await?;
        let mut response = self.send(attempt).await?;
        let mut history = None;
        while let Some(replay) = carried.judge(&response, history) {
            let mut attempt = self.request.attempt().await?;
            let newer = InnerCredential::attach(credential, &mut attempt).await;
            let newer = newer.map_err(|cause| response.refresh_failed(cause))?;
            if newer.is_same_as(&carried) {
                break;
            }
            response = self.send(attempt).await?;
            (carried, history) = (newer, Some(replay));
        }
        response.token(self)
    }

    async fn send(&self, attempt: Attempt) -> Result<TokenResponse, AuthError> {
        let spent = |wait| {
            self.failed(TokenRequestProblem::BudgetSpent)
                .with_retry_after(wait)
        };
        self.budget.take().map_err(spent)?;
        let used = attempt.refresh_token.clone();
        let response = self.transport.send(self.request.finish(attempt)).await;
        let response = response.map_err(|error| self.failed(problem_of(error)))?;
        let mut response = TokenResponse::read(&self.response, &self.request.endpoint, response);
        if let Some(used) = used {
            self.keep_refresh_token(used, &mut response).await?;
        }
        Ok(response)
    }

    /// Stores the new refresh token in place of `used`, before the access token is used.
    async fn keep_refresh_token(
        &self,
        used: SecretString,
        response: &mut TokenResponse,
    ) -> Result<(), AuthError> {
        response.require_login_if_refused();
        match (self.request.rotation(), response.take_refresh_token()) {
            (Some(rotation), Some(new)) if new.expose_secret() != used.expose_secret() => {
                rotation.replace(used, new).await
            }
            _ => Ok(()),
        }
    }

    fn failed(&self, problem: TokenRequestProblem) -> AuthError {
        let endpoint = checked_url::shown(&self.request.endpoint);
        AuthError::TokenRequest {
            endpoint,
            problem,
            retry_after: None,
        }
    }
}

fn problem_of(error: TransportError) -> TokenRequestProblem {
    match error.problem() {
        TransportProblem::Timeout => TokenRequestProblem::Timeout,
        TransportProblem::Connection | TransportProblem::TooLarge => {
            TokenRequestProblem::Transport(error)
        }
    }
}

#[async_trait]
impl TokenSource for TokenEndpoint {
    async fn token(&self) -> Result<Token, AuthError> {
        self.request_token().await
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = checked_url::shown(&self.request.endpoint);
        f.debug_struct("TokenEndpoint")
            .field("endpoint", &endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
