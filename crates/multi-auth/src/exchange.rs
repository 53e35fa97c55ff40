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
mod budget;
mod builder;
pub use builder::TokenExchangeBuilder;
mod expiry;
mod fields;
mod http_date;
mod judged;
mod pick;
mod request;
mod retry_after;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::Request;
use http::request::Parts;
use url::Url;

use self::answer::Shape;
use self::budget::Budget;
use self::judged::{Answer, Inner};
use self::request::Body;
use crate::endpoint::PlainHttp;
use crate::transport::TransportProblem;
use crate::{
    AuthError, Authenticator, ConstantHeaders, ExchangeProblem, Token, TokenSource, Transport,
    TransportError, Verdict, endpoint,
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
    budget: Budget,
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

    /// One exchange. Where the endpoint refuses the inner credential and a newer one can be had, it is
    /// sent once more with that one.
    async fn answer(&self) -> Result<Token, AuthError> {
        let Some(credential) = self.credential.as_deref() else {
            return self.send(self.head()?).await?.token(self);
        };
        let first = Inner::attach(credential, self.head()?).await?;
        let answer = self.send(first.head()).await?;
        if first.judge(&answer) != Verdict::Renew {
            return answer.token(self);
        }
        let second = Inner::attach(credential, self.head()?).await;
        let second = second.map_err(|source| answer.renewal_failed(source))?;
        if second.is_same_as(&first) {
            return answer.token(self);
        }
        let answer = self.send(second.head()).await?;
        // A fresh credential that is refused at once is not blamed.
        if answer.is_success() {
            second.judge(&answer);
        }
        answer.token(self)
    }

    /// The head of a request, without the credential of the exchange itself.
    fn head(&self) -> Result<Parts, AuthError> {
        request::head(&self.endpoint, &self.body)
    }

    async fn send(&self, mut head: Parts) -> Result<Answer, AuthError> {
        let spent = |wait| {
            self.failed(ExchangeProblem::BudgetSpent)
                .with_retry_after(wait)
        };
        self.budget.take().map_err(spent)?;
        request::add_constants(&mut head.headers, &self.headers);
        let request = Request::from_parts(head, self.body.bytes());
        let answer = self.transport.send(request).await;
        let answer = answer.map_err(|error| self.failed(problem_of(error)))?;
        Ok(Answer::read(&self.shape, &self.endpoint, answer))
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
