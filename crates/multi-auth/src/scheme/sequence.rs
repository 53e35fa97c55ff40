//! Two credentials, the second of which depends on the first, such as a signature over the
//! `Authorization` field: `Authorization: Bearer <token>` and `X-Signature: <signature of that
//! field>`.

use async_trait::async_trait;
use url::Url;

use crate::adapter::request_head::Overlay;
use crate::{
    AuthError, Authenticator, BodyNeed, Credential, CredentialId, Placement, RequestHead,
    ResponseHead, TokenSnapshot, Verdict,
};

/// Two credentials on one request. The second authenticator sees the request with the first one's
/// credential on it.
///
/// Use [`AllOf`](crate::AllOf) for credentials that do not depend on each other: a `Sequence`
/// copies the header fields of each request.
///
/// ```
/// use multi_auth::{ApiKey, Authenticator, Sequence};
///
/// # fn bound(signature: impl Authenticator) -> Result<impl Authenticator, multi_auth::AuthError> {
/// // `signature` sees the request with `x-api-key` on it.
/// let both = Sequence::new(ApiKey::header("x-api-key", "k-1")?, signature);
/// # Ok(both)
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sequence<A, B> {
    first: A,
    second: B,
}

impl<A: Authenticator, B: Authenticator> Sequence<A, B> {
    /// Attaches `first`, and then `second`.
    ///
    /// A request fails with [`AuthError::Invalid`] if both set the same header field.
    #[must_use]
    pub fn new(first: A, second: B) -> Self {
        Self { first, second }
    }

    fn second_ready(
        &self,
        first: Credential,
        request: &RequestHead<'_>,
    ) -> Option<Result<Credential, AuthError>> {
        let overlay = match Overlay::new(request, first.clone()) {
            Ok(overlay) => overlay,
            Err(error) => return Some(Err(error)),
        };
        let second = self.second.ready(&overlay.head())?;
        Some(second.and_then(|second| first.and(second)))
    }
}

#[async_trait]
impl<A: Authenticator, B: Authenticator> Authenticator for Sequence<A, B> {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        match self.first.ready(request)? {
            Ok(first) => self.second_ready(first, request),
            Err(error) => Some(Err(error)),
        }
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let first = self.first.authenticate(request).await?;
        let overlay = Overlay::new(request, first.clone())?;
        let second = self.second.authenticate(&overlay.head()).await?;
        first.and(second)
    }

    /// Each authenticator judges its own generation. A response that asks for a new signature does
    /// not judge the first credential, but the response to that signature does.
    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let second = self.second.judge(id, response);
        if second == Verdict::Resign && !response.is_after_resign() {
            return second;
        }
        self.first.judge(id, response).and(second)
    }

    fn placements(&self) -> Vec<Placement> {
        [self.first.placements(), self.second.placements()].concat()
    }

    fn needs_body(&self) -> BodyNeed {
        self.first.needs_body().max(self.second.needs_body())
    }

    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        let second = self.second.needs_body_of(request);
        self.first.needs_body_of(request).max(second)
    }

    /// One check suffices: if it fails, the request fails.
    fn checks_host(&self) -> bool {
        self.first.checks_host() || self.second.checks_host()
    }

    async fn base_url(&self) -> Result<Option<Url>, AuthError> {
        match self.first.base_url().await? {
            Some(url) => Ok(Some(url)),
            None => self.second.base_url().await,
        }
    }

    fn reads_responses(&self) -> bool {
        self.first.reads_responses() || self.second.reads_responses()
    }

    fn token_snapshot(&self) -> Option<TokenSnapshot> {
        let first = self.first.token_snapshot();
        first.or_else(|| self.second.token_snapshot())
    }
}
