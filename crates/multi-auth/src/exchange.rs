//! A token exchange described as data: where it goes, what it sends, where the token stands.
//!
//! ```
//! use multi_auth::{Bearer, TokenExchange, Transport};
//!
//! # fn main() {}
//! # fn bearer(transport: impl Transport + 'static) -> Result<Bearer, multi_auth::AuthError> {
//! // POST https://api.example.com/login  {"client": "c-1", "secret": "s-1"}
//! // -> {"data": {"token": "t-1", "exp": 1790000000}}
//! let exchange = TokenExchange::builder("https://api.example.com/login", transport)?
//!     .json([("client", "c-1"), ("secret", "s-1")])
//!     .token_at("/data/token")
//!     .expires_at("/data/exp")
//!     .build();
//! # Ok(Bearer::new(exchange))
//! # }
//! ```
//!
//! It follows no redirect and never carries the token that it replaces.

mod answer;
mod builder;
pub use builder::TokenExchangeBuilder;
mod expiry;
mod request;
mod retry_after;
mod wiped;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::Response;
use url::Url;

use self::answer::Shape;
use self::request::Body;
use crate::endpoint::PlainHttp;
use crate::transport::TransportProblem;
use crate::{
    AuthError, Authenticator, Clock, ConstantHeaders, ExchangeProblem, SystemClock, Token,
    TokenSource, Transport, TransportError, endpoint,
};

/// Exchanges a key for a token at a token endpoint.
///
/// Keys reach only the endpoint, which must be https (or a loopback address).
pub struct TokenExchange {
    endpoint: Url,
    transport: Arc<dyn Transport>,
    body: Body,
    credential: Option<Arc<dyn Authenticator>>,
    headers: ConstantHeaders,
    shape: Shape,
}

/// What an endpoint is called in an error.
const ENDPOINT: &str = "token endpoint";

impl TokenExchange {
    /// An exchange at `endpoint`, sent through `transport`, with no body and the token expected at
    /// `/access_token` (RFC 6749, 5.1).
    ///
    /// # Errors
    ///
    /// [`AuthError::Url`] if `endpoint` is not absolute, is plain http to a host that is not a
    /// loopback address, or has a user, password or fragment in it.
    pub fn builder(
        endpoint: &str,
        transport: impl Transport + 'static,
    ) -> Result<TokenExchangeBuilder, AuthError> {
        let endpoint = endpoint::parse(ENDPOINT, endpoint, PlainHttp::LoopbackOnly)?;
        Ok(TokenExchangeBuilder::new(endpoint, Arc::new(transport)))
    }

    /// The same at an endpoint that may be plain http on any host: whoever is on the way can read
    /// the key and the token.
    ///
    /// # Errors
    ///
    /// As [`builder`](Self::builder), plain http excepted.
    pub fn dangerous_plain_http(
        endpoint: &str,
        transport: impl Transport + 'static,
    ) -> Result<TokenExchangeBuilder, AuthError> {
        let endpoint = endpoint::parse(ENDPOINT, endpoint, PlainHttp::Anywhere)?;
        Ok(TokenExchangeBuilder::new(endpoint, Arc::new(transport)))
    }

    async fn answer(&self) -> Result<Token, AuthError> {
        let credential = self.credential.as_deref();
        let request = request::build(&self.endpoint, &self.body, credential, &self.headers)?;
        let answer = self.transport.send(request).await;
        let answer = answer.map_err(|error| self.failed(problem_of(error)))?;
        self.read(answer)
    }

    fn read(&self, answer: Response<Vec<u8>>) -> Result<Token, AuthError> {
        let (head, body) = answer.into_parts();
        let body = secrecy::zeroize::Zeroizing::new(body);
        self.shape
            .read(&self.endpoint, &head, &body)
            .map_err(|problem| AuthError::Exchange {
                endpoint: endpoint::shown(&self.endpoint),
                problem,
                retry_after: retry_after::read(&head.headers, SystemClock.wall()),
            })
    }

    fn failed(&self, problem: ExchangeProblem) -> AuthError {
        let endpoint = endpoint::shown(&self.endpoint);
        AuthError::Exchange {
            endpoint,
            problem,
            retry_after: None,
        }
    }
}

fn problem_of(error: TransportError) -> ExchangeProblem {
    match error.problem() {
        TransportProblem::Timeout => ExchangeProblem::Timeout,
        TransportProblem::Connection | TransportProblem::TooLarge => {
            ExchangeProblem::Transport(error)
        }
    }
}

#[async_trait]
impl TokenSource for TokenExchange {
    async fn token(&self) -> Result<Token, AuthError> {
        self.answer().await
    }
}

impl fmt::Debug for TokenExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = endpoint::shown(&self.endpoint);
        f.debug_struct("TokenExchange")
            .field("endpoint", &endpoint)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
