//! Bearer tokens for a base URL that the token response names: `Authorization: Bearer <token>` at
//! `https://acme.my.salesforce.com`.

mod allowed;
pub use allowed::BaseUrls;
mod source;
pub(super) use source::CheckedSource;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use http::{Extensions, HeaderMap, Method};
use secrecy::ExposeSecret;
use url::Url;

use super::Bearer;
use crate::token::Parts;
use crate::{
    AuthError, Authenticator, BindingProblem, Credential, CredentialId, CurrentToken, Placement,
    ProtectionSpace, RequestHead, ResponseHead, TokenRequestProblem, TokenSnapshot, Verdict,
};

/// A [`Bearer`] whose token response names the base URL of requests, such as the `instance_url` of
/// Salesforce. From
/// [`BearerBuilder::build_with_base_url`](crate::BearerBuilder::build_with_base_url).
///
/// Bind it to all its [`protection_spaces`](Self::protection_spaces). A token is sent only to the
/// origin that its own response names. A request to another origin in these spaces fails with
/// [`BindingProblem::OtherBaseUrl`](crate::BindingProblem::OtherBaseUrl), even if the caller set a
/// credential. With [`Anonymous`](crate::Anonymous) it is sent without one.
///
/// Keep the base URL as a part of the token: [`part_at`](crate::TokenEndpointBuilder::part_at) of
/// the token endpoint does so.
///
/// ```
/// use multi_auth::{BaseUrls, Bearer, Keyring, Token, source_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let source = source_fn(|| async {
///     Ok(Token::new("t-123").with_part("instance_url", "https://acme.my.salesforce.com"))
/// });
/// let allowed = BaseUrls::at_domains(["https://my.salesforce.com"])?;
/// let salesforce = Bearer::builder(source).build_with_base_url("instance_url", allowed);
/// let keyring = Keyring::builder()
///     .bind_all(salesforce.protection_spaces(), salesforce.clone())?
///     .build();
///
/// let url = salesforce.base_url().await?.join("/services/data")?;
/// assert_eq!(url.as_str(), "https://acme.my.salesforce.com/services/data");
/// # Ok(())
/// # }
/// ```
///
/// A clone shares the token.
#[derive(Clone)]
pub struct BearerWithBaseUrl {
    bearer: Bearer,
    part: Arc<str>,
    allowed: BaseUrls,
    /// The base URL of the last token that was used.
    known: Arc<ArcSwapOption<Known>>,
}

/// The base URL of a token.
struct Known {
    id: CredentialId,
    /// A token that the vendor returns again may come with other parts.
    parts: Parts,
    url: Url,
}

impl BearerWithBaseUrl {
    pub(super) fn new(bearer: Bearer, part: &str, allowed: BaseUrls) -> Self {
        Self {
            bearer,
            part: part.into(),
            allowed,
            known: Arc::default(),
        }
    }

    /// Returns the base URL that the current token's response names. If there is no valid token, it
    /// waits for the shared token request.
    ///
    /// A newer token may name another one.
    ///
    /// # Errors
    ///
    /// [`AuthError::TokenRequest`], or the error of your own source.
    pub async fn base_url(&self) -> Result<Url, AuthError> {
        let token = self.bearer.token().await?;
        self.url_of(&token)
    }

    /// Returns the protection spaces in which a token response may name the base URL.
    #[must_use]
    pub fn protection_spaces(&self) -> Vec<ProtectionSpace> {
        self.allowed.protection_spaces().to_vec()
    }

    /// Returns the token with its settings, to invalidate or inspect it.
    #[must_use]
    pub fn bearer(&self) -> &Bearer {
        &self.bearer
    }

    fn url_of(&self, token: &CurrentToken) -> Result<Url, AuthError> {
        // The source has checked it.
        let url = token
            .part(&self.part)
            .and_then(|url| self.allowed.parse(url.expose_secret()));
        url.ok_or_else(|| AuthError::token_request(source::NAME, TokenRequestProblem::BaseUrl))
    }

    /// The credential of `token`, if its response names the origin of `request`.
    fn checked(
        &self,
        token: &CurrentToken,
        request: &RequestHead<'_>,
    ) -> Result<Credential, AuthError> {
        let url = self.url_of(token)?;
        let result = check_origin(&url, request).map(|()| token.credential());
        self.known.store(Some(Arc::new(Known {
            id: token.id().clone(),
            parts: token.shared_parts().clone(),
            url,
        })));
        result
    }
}

fn check_origin(url: &Url, request: &RequestHead<'_>) -> Result<(), AuthError> {
    let (headers, extensions) = (HeaderMap::new(), Extensions::new());
    let named = RequestHead::from_url(&Method::GET, url, &headers, &extensions);
    if named.is_same_web_origin(request) {
        return Ok(());
    }
    Err(AuthError::Unbound {
        origin: request.shown_origin(),
        problem: BindingProblem::OtherBaseUrl,
    })
}

#[async_trait]
impl Authenticator for BearerWithBaseUrl {
    /// The origin is checked even if the caller set a credential: another credential may be
    /// attached beside this one.
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let (credential, parts) = self.bearer.cache.ready_with_parts()?;
        let is_known = |known: &&Arc<Known>| {
            known.id == *credential.id() && known.parts.are_shared_with(&parts)
        };
        if let Some(known) = self.known.load().as_ref().filter(is_known) {
            return Some(check_origin(&known.url, request).map(|()| credential));
        }
        let token = self.bearer.ready_token()?;
        Some(self.checked(&token, request))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        match self.ready(request) {
            Some(ready) => ready,
            None => self.checked(&self.bearer.token().await?, request),
        }
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        self.bearer.judge(id, response)
    }

    fn placements(&self) -> Vec<Placement> {
        self.bearer.placements()
    }

    fn reads_responses(&self) -> bool {
        self.bearer.reads_responses()
    }

    fn token_snapshot(&self) -> Option<TokenSnapshot> {
        Some(self.bearer.snapshot())
    }

    fn checks_host(&self) -> bool {
        true
    }

    async fn base_url(&self) -> Result<Option<Url>, AuthError> {
        self.base_url().await.map(Some)
    }
}

/// The path of a base URL is not printed: some vendors put a secret there.
impl fmt::Debug for BearerWithBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerWithBaseUrl")
            .field("bearer", &self.bearer)
            .field("part", &self.part)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
