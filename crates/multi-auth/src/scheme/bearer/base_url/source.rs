//! Checks the base URL of each token as it arrives.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::ExposeSecret;

use super::BaseUrls;
use crate::{
    AuthError, Reason, Token, TokenInvalidator, TokenRequestProblem as Problem, TokenSource,
};

/// The name of the source in errors.
pub(super) const NAME: &str = "the token source";

/// The tokens of a source, if their responses name an allowed base URL.
#[derive(Debug)]
pub(in super::super) struct CheckedSource {
    source: Arc<dyn TokenSource>,
    part: Box<str>,
    allowed: BaseUrls,
}

impl CheckedSource {
    pub(in super::super) fn new(
        source: Arc<dyn TokenSource>,
        part: &str,
        allowed: BaseUrls,
    ) -> Self {
        Self {
            source,
            part: part.into(),
            allowed,
        }
    }

    fn checked(&self, token: Token) -> Result<Token, AuthError> {
        let problem = match token.part(&self.part) {
            Some(url) if self.allowed.parse(url.expose_secret()).is_some() => return Ok(token),
            Some(_) => Problem::BaseUrl,
            None => Problem::Missing {
                member: self.part.to_string(),
            },
        };
        Err(AuthError::token_request(NAME, problem))
    }
}

#[async_trait]
impl TokenSource for CheckedSource {
    async fn token(&self) -> Result<Token, AuthError> {
        self.checked(self.source.token().await?)
    }

    async fn token_for(&self, reason: Reason) -> Result<Token, AuthError> {
        self.checked(self.source.token_for(reason).await?)
    }

    fn watch_refusals(&self, invalidator: TokenInvalidator) {
        self.source.watch_refusals(invalidator);
    }
}
