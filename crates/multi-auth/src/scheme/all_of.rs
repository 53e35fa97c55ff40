//! Two credentials on one request, for a vendor that requires both: `X-API-Key: <key>` and
//! `Authorization: Bearer <token>`.

use async_trait::async_trait;
use url::Url;

use crate::{
    AuthError, Authenticator, BodyNeed, Credential, CredentialId, Placement, RequestHead,
    ResponseHead, TokenSnapshot, Verdict,
};

/// Two independent credentials on one request, in different places.
///
/// For three credentials, nest one `AllOf` in another.
///
/// ```
/// use multi_auth::{AllOf, ApiKey};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// // dd-api-key: a-1
/// // dd-application-key: b-2
/// let (api, application) = ("dd-api-key", "dd-application-key");
/// let both = AllOf::new(ApiKey::header(api, "a-1")?, ApiKey::header(application, "b-2")?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AllOf<A, B> {
    first: A,
    second: B,
}

impl<A: Authenticator, B: Authenticator> AllOf<A, B> {
    /// Attaches `first` and `second`. Their order does not matter.
    ///
    /// A request fails with [`AuthError::Invalid`] if both set the same header field.
    #[must_use]
    pub fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

#[async_trait]
impl<A: Authenticator, B: Authenticator> Authenticator for AllOf<A, B> {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let (first, second) = (self.first.ready(request)?, self.second.ready(request)?);
        Some(first.and_then(|first| first.and(second?)))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let (first, second) = tokio::try_join!(
            self.first.authenticate(request),
            self.second.authenticate(request)
        )?;
        first.and(second)
    }

    /// Each authenticator judges its own token. The request is replayed if one of them can be
    /// refreshed.
    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let (first, second) = (
            self.first.judge(id, response),
            self.second.judge(id, response),
        );
        first.and(second)
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
