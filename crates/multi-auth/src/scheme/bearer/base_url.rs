//! Bearer tokens for a base URL that the token response names: `Authorization: Bearer <token>` at
//! `https://acme.my.salesforce.com`.

mod allowed;
pub use allowed::BaseUrls;
mod source;
pub(super) use source::CheckedSource;

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use secrecy::ExposeSecret;
use url::Url;

use super::Bearer;
use crate::{
    AuthError, Authenticator, BindingProblem, Credential, CredentialId, CurrentToken, Placement,
    ProtectionSpace, RequestHead, ResponseHead, TokenRequestProblem, Verdict,
};

/// A [`Bearer`] whose token response names the base URL of requests, such as the `instance_url` of
/// Salesforce. From
/// [`BearerBuilder::build_with_base_url`](crate::BearerBuilder::build_with_base_url).
///
/// Bind it to all its [`protection_spaces`](Self::protection_spaces). A token is sent only to the
/// origin that its own response names. A request to another origin in these spaces fails with
/// [`BindingProblem::OtherBaseUrl`](crate::BindingProblem::OtherBaseUrl).
///
/// ```
/// use multi_auth::{BaseUrls, Bearer, Keyring, Token, source_fn};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let source = source_fn(|| async {
///     Ok(Token::new("t-123").with_part("instance_url", "https://acme.my.salesforce.com"))
/// });
/// let allowed = BaseUrls::below(["https://my.salesforce.com"])?;
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
#[derive(Clone, Debug)]
pub struct BearerWithBaseUrl {
    bearer: Bearer,
    part: Arc<str>,
    allowed: BaseUrls,
    /// The base URL of the last token that was used.
    known: Arc<ArcSwapOption<Known>>,
}

/// The base URL of a token.
#[derive(Debug)]
struct Known {
    id: CredentialId,
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

    /// `credential`, if the response of its token names the origin of `request`.
    fn checked(
        &self,
        credential: Credential,
        request: &RequestHead<'_>,
    ) -> Result<Credential, AuthError> {
        if credential.is_empty() {
            return Ok(credential);
        }
        let known = self.known.load();
        if let Some(known) = known.as_ref().filter(|known| known.id == *credential.id()) {
            return check_origin(&known.url, request).map(|()| credential);
        }
        // A newer token may have replaced it in the meantime.
        let Some(token) = self.bearer.ready_token() else {
            return Err(AuthError::NotReady);
        };
        let url = self.url_of(&token)?;
        let result = check_origin(&url, request).map(|()| token.credential());
        let id = token.id().clone();
        self.known.store(Some(Arc::new(Known { id, url })));
        result
    }
}

fn check_origin(url: &Url, request: &RequestHead<'_>) -> Result<(), AuthError> {
    let is_same = request.origin().map(|(is_secure, _)| is_secure) == Some(url.scheme() == "https")
        && request.port() == url.port_or_known_default()
        && request
            .host()
            .zip(url.host_str())
            .is_some_and(|(host, own)| host.eq_ignore_ascii_case(own));
    if is_same {
        return Ok(());
    }
    Err(AuthError::Unbound {
        origin: request.shown_origin(),
        problem: BindingProblem::OtherBaseUrl,
    })
}

#[async_trait]
impl Authenticator for BearerWithBaseUrl {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let credential = self.bearer.ready(request)?;
        Some(credential.and_then(|credential| self.checked(credential, request)))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let credential = self.bearer.authenticate(request).await?;
        self.checked(credential, request)
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

    fn with_base_url(&self) -> Option<BearerWithBaseUrl> {
        Some(self.clone())
    }
}

#[cfg(test)]
mod tests;
