//! Where tokens come from: a trait, and closures.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{AuthError, Reason, Token, TokenInvalidator};

/// Obtains tokens. Each call is one token request.
///
/// [`Bearer`](crate::Bearer) caches tokens, so a source does not need to. A source can wrap another
/// one and return its tokens: see the accessors of [`Token`], and the example `token_file_cache`.
///
/// `Box<T>`, `Arc<T>` and `&T` of a source are sources.
///
/// ```
/// use async_trait::async_trait;
/// use multi_auth::{AuthError, Bearer, Token, TokenSource};
///
/// /// Tokens of an agent that runs beside this program.
/// #[derive(Debug)]
/// struct Agent;
///
/// #[async_trait]
/// impl TokenSource for Agent {
///     async fn token(&self) -> Result<Token, AuthError> {
///         let text = std::env::var("AGENT_TOKEN").map_err(AuthError::permanent)?;
///         Ok(Token::new(text))
///     }
/// }
///
/// let bearer = Bearer::new(Agent);
/// ```
#[async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// Obtains a new token.
    ///
    /// # Errors
    ///
    /// Why no token was obtained. [`AuthError::permanent`] and
    /// [`AuthError::transient`] wrap your own errors.
    async fn token(&self) -> Result<Token, AuthError>;

    /// Obtains a new token for `reason`. A cache calls this method. The default calls
    /// [`token`](Self::token).
    ///
    /// A source that wraps another one forwards this method and
    /// [`watch_refusals`](Self::watch_refusals). A source that processes share implements it: with
    /// [`Reason::Refused`], the vendor has refused the last token of this source.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    async fn token_for(&self, reason: Reason) -> Result<Token, AuthError> {
        let _ = reason;
        self.token().await
    }

    /// Receives the invalidator of the cache, once. The default drops it.
    ///
    /// A source that learns of a refusal in another process calls
    /// [`TokenInvalidator::invalidate`]. The cache then does not send the refused token.
    fn watch_refusals(&self, invalidator: TokenInvalidator) {
        drop(invalidator);
    }
}

/// A pointer to a source is a source.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: TokenSource + ?Sized> TokenSource for $pointer {
            async fn token(&self) -> Result<Token, AuthError> {
                (**self).token().await
            }

            async fn token_for(&self, reason: Reason) -> Result<Token, AuthError> {
                (**self).token_for(reason).await
            }

            fn watch_refusals(&self, invalidator: TokenInvalidator) {
                (**self).watch_refusals(invalidator);
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);

/// Makes a [`TokenSource`] from a closure.
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
