//! A token as a source hands it over, and the source.

pub(crate) mod cache;
pub(crate) mod endpoint;
pub use endpoint::{ConstantHeaders, TokenEndpoint, TokenEndpointBuilder, USER_AGENT};

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use secrecy::SecretString;

use crate::AuthError;

/// A token with what its issuer says about its life.
#[derive(Clone, Debug)]
pub struct Token {
    value: SecretString,
    lifetime: Option<Lifetime>,
}

/// How long a token lives, as its issuer says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetime {
    /// So long after the token request was sent.
    For(Duration),
    /// Until this moment on the wall.
    Until(SystemTime),
}

/// The shortest life of a token that is used. One that lives shorter comes from a wrong unit or a wrong
/// clock.
pub(crate) const SHORTEST_LIFE: Duration = Duration::from_secs(1);

impl Token {
    /// A token that lives until it is refused.
    pub fn new(value: impl Into<SecretString>) -> Self {
        Self {
            value: value.into(),
            lifetime: None,
        }
    }

    /// The same token with a lifetime that counts from when the token request was sent. A token whose lifetime is
    /// over when it comes, or is under one second, is never used: the token request counts as failed.
    #[must_use]
    pub fn with_lifetime(self, lifetime: Duration) -> Self {
        Self {
            lifetime: Some(Lifetime::For(lifetime)),
            ..self
        }
    }

    /// The same token with the moment on the wall clock at which it dies.
    #[must_use]
    pub fn with_expiry(self, expiry: SystemTime) -> Self {
        Self {
            lifetime: Some(Lifetime::Until(expiry)),
            ..self
        }
    }

    pub(crate) fn value(&self) -> &SecretString {
        &self.value
    }

    pub(crate) fn lifetime(&self) -> Option<Lifetime> {
        self.lifetime
    }
}

/// Where tokens come from: one call is one token request.
///
/// [`Bearer`](crate::Bearer) keeps what it gives, so a source keeps nothing itself.
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// Obtains a new token.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being had; [`AuthError::permanent`] and [`AuthError::transient`] wrap
    /// errors of your own.
    async fn token(&self) -> Result<Token, AuthError>;
}

#[async_trait]
impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    async fn token(&self) -> Result<Token, AuthError> {
        (**self).token().await
    }
}

/// A [`TokenSource`] from a closure.
///
/// ```
/// use multi_auth::{Token, source_fn};
///
/// let source = source_fn(|| async { Ok(Token::new("t-123")) });
/// ```
pub fn source_fn<F, R>(fetch: F) -> impl TokenSource
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Token, AuthError>> + Send,
{
    SourceFn(fetch)
}

struct SourceFn<F>(F);

impl<F> fmt::Debug for SourceFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SourceFn")
    }
}

#[async_trait]
impl<F, R> TokenSource for SourceFn<F>
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Token, AuthError>> + Send,
{
    async fn token(&self) -> Result<Token, AuthError> {
        (self.0)().await
    }
}
