//! A token that is obtained and refreshed: `Authorization: Bearer <token>` (RFC 6750, 2.1).
//!
//! ```
//! use multi_auth::{Bearer, Token, source_fn};
//!
//! let bearer = Bearer::new(source_fn(|| async { Ok(Token::new("t-123")) }));
//! ```
//!
//! One token request serves all who wait for it, and outlives any of them that gives up. A refusal
//! speaks only about the token that was refused.

mod builder;
use builder::Predicate;
pub use builder::{BearerBuilder, OnExpired};

use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;

use crate::token::cache::{Refusal, TokenCache};
use crate::{
    AuthError, Authenticator, Credential, CredentialId, CurrentToken, Placement, Rejection,
    RequestHead, ResponseHead, TokenSnapshot, TokenSource, Verdict,
};

/// A token that is obtained from a [`TokenSource`], kept, and refreshed when the vendor refuses it.
///
/// A clone shares the token: keep one to [`invalidate`](Self::invalidate) what a keyring uses.
#[derive(Clone, Debug)]
pub struct Bearer {
    cache: Arc<TokenCache>,
    /// The statuses that say that the token is spent.
    refresh_on: builder::Statuses,
    /// What else says so.
    refresh_when: Option<Predicate>,
}

impl Bearer {
    /// Tokens of `source`, sent as `Authorization: Bearer <token>` and refreshed on status 401.
    pub fn new(source: impl TokenSource + 'static) -> Self {
        Self::builder(source).build()
    }

    /// The same with settings.
    pub fn builder(source: impl TokenSource + 'static) -> BearerBuilder {
        BearerBuilder::new(Arc::new(source))
    }

    /// Puts the token aside: the next request obtains a new one, unless a failure forbids an
    /// token request now. One that is under way goes on and serves those who already wait for it.
    ///
    /// With [`OnExpired::ServeStale`] the token that was put aside serves where no newer one is obtained in time: see
    /// [`BearerBuilder::stale_after`].
    pub fn invalidate(&self) {
        self.cache.invalidate();
    }

    /// Forgets the token and all that went wrong, as if nothing had been asked yet. For when the key
    /// behind the source was changed.
    pub fn clear(&self) {
        self.cache.clear();
    }

    /// Obtains a new token now, whatever is at hand and whatever failed before; requests use the old
    /// one meanwhile.
    ///
    /// # Errors
    ///
    /// Whatever kept it from being had.
    pub async fn refresh(&self) -> Result<(), AuthError> {
        self.cache.refresh().await.map(drop)
    }

    /// The token, if a valid one is available now, for a scheme that is built on it. Starts a
    /// background refresh if the token is due for one.
    ///
    /// It copies the token's value: a scheme that only attaches it uses
    /// [`ready`](Authenticator::ready).
    ///
    /// ```
    /// # use multi_auth::{AuthError, Bearer, Credential};
    /// # fn sign(_: &secrecy::SecretString) -> Credential { Credential::empty() }
    /// /// The token and a proof that is bound to it, as one credential.
    /// fn ready(bearer: &Bearer) -> Option<Result<Credential, AuthError>> {
    ///     let token = bearer.ready_token()?;
    ///     Some(token.credential().and(sign(token.value())))
    /// }
    /// ```
    #[must_use]
    pub fn ready_token(&self) -> Option<CurrentToken> {
        self.cache.ready_token()
    }

    /// The token, for a scheme that is built on it. Waits for the one token request under way if
    /// none is available. Safe to drop at any await point.
    ///
    /// # Errors
    ///
    /// Why no token was obtained.
    pub async fn token(&self) -> Result<CurrentToken, AuthError> {
        self.cache.acquire_token().await
    }

    /// The token's state at this moment, with no secret in it.
    #[must_use]
    pub fn snapshot(&self) -> TokenSnapshot {
        self.cache.snapshot()
    }

    /// Whether the request carried a token that was requested after its first refusal.
    fn is_fresh(&self, id: &CredentialId, response: &ResponseHead<'_>) -> bool {
        let current = self.cache.generation().filter(|current| id.holds(*current));
        current.is_some_and(|current| response.is_newer_than_refusal(current))
    }

    fn says_spent(&self, response: &ResponseHead<'_>) -> bool {
        self.refresh_on.contains(&response.status())
            || self
                .refresh_when
                .as_ref()
                .is_some_and(|Predicate(says_spent)| says_spent(response))
    }
}

#[async_trait]
impl Authenticator for Bearer {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if let Some(credential) = self.cache.ready() {
            return Some(Ok(credential));
        }
        // Nothing is fetched where the caller's own stands.
        self.cache
            .placement()
            .is_taken(request)
            .then(|| Ok(Credential::empty()))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        match self.ready(request) {
            Some(ready) => ready,
            None => self.cache.acquire().await,
        }
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let is_spent = self.says_spent(response);
        let never = self.refresh_on.is_empty() && self.refresh_when.is_none();
        let is_refused = never && response.status() == StatusCode::UNAUTHORIZED;
        if !(is_spent || is_refused) || !self.cache.has_issued(id) {
            return Verdict::Accept;
        }
        if is_refused {
            return Verdict::Reject(Rejection::RefreshDisabled);
        }
        if response.lacks_scope() {
            return Verdict::Reject(Rejection::InsufficientScope);
        }
        // A fresh token serves other requests.
        if response.is_after_refresh() || self.is_fresh(id, response) {
            return Verdict::Refresh;
        }
        match self.cache.refuse(id) {
            Refusal::Refreshable => Verdict::Refresh,
            Refusal::Throttled => Verdict::Reject(Rejection::Throttled),
        }
    }

    fn placements(&self) -> Vec<Placement> {
        vec![self.cache.placement().clone()]
    }
}

#[cfg(test)]
mod tests;
