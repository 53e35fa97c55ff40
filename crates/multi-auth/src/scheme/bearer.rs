//! Bearer tokens, which are obtained and refreshed: `Authorization: Bearer <token>` (RFC 6750,
//! 2.1).

mod base_url;
pub use base_url::{BaseUrls, BearerWithBaseUrl};
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

/// Obtains a token from a [`TokenSource`], caches it, and refreshes it before it expires or when
/// the vendor refuses it.
///
/// A clone shares the token. Keep a clone if you want to [`invalidate`](Self::invalidate) the token
/// after you bind it in a keyring.
///
/// ```
/// use multi_auth::{Bearer, Token, source_fn};
///
/// let bearer = Bearer::new(source_fn(|| async { Ok(Token::new("t-123")) }));
/// ```
///
/// Concurrent requests share one token request, which continues if they are dropped. A late 401
/// never invalidates a newer token.
#[derive(Clone, Debug)]
pub struct Bearer {
    cache: Arc<TokenCache>,
    /// The statuses that mean that the token is no longer valid.
    refresh_on: builder::Statuses,
    /// A predicate that means the same.
    refresh_when: Option<Predicate>,
    /// Whether a response means that the token lacks a permission.
    forbidden_when: Option<Predicate>,
    /// Whether the predicates read JSON bodies.
    reads_responses: bool,
}

impl Bearer {
    /// Sends the tokens of `source` as `Authorization: Bearer <token>`, and refreshes them on 401.
    pub fn new(source: impl TokenSource + 'static) -> Self {
        Self::builder(source).build()
    }

    /// Sends the tokens of `source`, with settings.
    pub fn builder(source: impl TokenSource + 'static) -> BearerBuilder {
        BearerBuilder::new(Arc::new(source))
    }

    /// Invalidates the token: the next request obtains a new one, unless the back-off after a
    /// failure forbids it. A token request that is under way continues, and serves the requests
    /// that already wait for it.
    ///
    /// With [`OnExpired::ServeStale`], the invalidated token is used if no newer one is obtained in
    /// time: see [`BearerBuilder::stale_after`].
    pub fn invalidate(&self) {
        self.cache.invalidate();
    }

    /// Forgets the token and all failures. Call it when the key of the source has changed.
    pub fn clear(&self) {
        self.cache.clear();
    }

    /// Obtains a new token now, even if the current one is valid or a token request has just
    /// failed. Requests use the current token in the meantime.
    ///
    /// # Errors
    ///
    /// [`AuthError::TokenRequest`], or the error of your own source.
    pub async fn refresh(&self) -> Result<(), AuthError> {
        self.cache.refresh().await.map(drop)
    }

    /// Returns the token if a valid one is available now, for a scheme that is built on it. Starts
    /// a background refresh if one is due.
    ///
    /// This copies the token's value. If you only attach the token, use
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

    /// Returns the token, for a scheme that is built on it. If there is no valid token, it waits
    /// for the shared token request. Safe to drop at any await point.
    ///
    /// # Errors
    ///
    /// [`AuthError::TokenRequest`], or the error of your own source.
    pub async fn token(&self) -> Result<CurrentToken, AuthError> {
        self.cache.acquire_token().await
    }

    /// Returns the current state of the token, without any secret.
    #[must_use]
    pub fn snapshot(&self) -> TokenSnapshot {
        self.cache.snapshot()
    }

    /// Whether the request carried the current token, and that token was requested after the
    /// request's first refusal.
    fn is_fresh(&self, id: &CredentialId, response: &ResponseHead<'_>) -> bool {
        let current = self.cache.generation().filter(|current| id.holds(*current));
        current.is_some_and(|current| response.is_newer_than_refusal(current))
    }

    fn lacks_permission(&self, response: &ResponseHead<'_>) -> bool {
        response.lacks_scope() || holds(self.forbidden_when.as_ref(), response)
    }
}

#[async_trait]
impl Authenticator for Bearer {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if let Some(credential) = self.cache.ready() {
            return Some(Ok(credential));
        }
        // No token is fetched if the caller set a credential.
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
        let has_status = self.refresh_on.contains(&response.status());
        let never = self.refresh_on.is_empty() && self.refresh_when.is_none();
        let is_refused = never && response.status() == StatusCode::UNAUTHORIZED;
        // The predicate may parse a body, so it is asked last.
        let may_be_invalid = has_status || is_refused || self.refresh_when.is_some();
        if !may_be_invalid || !self.cache.has_issued(id) {
            return Verdict::Accept;
        }
        if !(has_status || is_refused || holds(self.refresh_when.as_ref(), response)) {
            return Verdict::Accept;
        }
        if is_refused {
            return Verdict::Reject(Rejection::RefreshDisabled);
        }
        if self.lacks_permission(response) {
            return Verdict::Reject(Rejection::InsufficientScope);
        }
        // A fresh token that is refused here may be valid for other requests.
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

    fn reads_responses(&self) -> bool {
        self.reads_responses
    }

    fn token_snapshot(&self) -> Option<TokenSnapshot> {
        Some(self.snapshot())
    }
}

fn holds(predicate: Option<&Predicate>, response: &ResponseHead<'_>) -> bool {
    predicate.is_some_and(|Predicate(holds)| holds(response))
}

#[cfg(test)]
mod tests;
