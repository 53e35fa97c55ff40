//! The tokens of an entry.

use multi_auth::{SecretString, Token};

/// The tokens of one account: a refresh token, an access token, or both.
///
/// Without either, the account is logged out.
///
/// `Debug` prints no value.
///
/// ```
/// use multi_auth_store::StoredTokens;
///
/// let tokens = StoredTokens::default().with_refresh_token("r-123");
/// assert!(tokens.refresh_token().is_some());
/// assert!(tokens.access_token().is_none());
/// ```
#[derive(Clone, Debug, Default)]
pub struct StoredTokens {
    refresh_token: Option<SecretString>,
    access_token: Option<Token>,
}

impl StoredTokens {
    /// Sets the refresh token.
    #[must_use]
    pub fn with_refresh_token(self, token: impl Into<SecretString>) -> Self {
        Self {
            refresh_token: Some(token.into()),
            ..self
        }
    }

    /// Sets the access token.
    ///
    /// A store keeps the token's [expiry](Token::expiry), not its lifetime, because another process
    /// does not know when the token was requested.
    #[must_use]
    pub fn with_access_token(self, token: Token) -> Self {
        Self {
            access_token: Some(token),
            ..self
        }
    }

    /// The refresh token (RFC 6749, 1.5).
    #[must_use]
    pub fn refresh_token(&self) -> Option<&SecretString> {
        self.refresh_token.as_ref()
    }

    /// The access token (RFC 6749, 1.4).
    #[must_use]
    pub fn access_token(&self) -> Option<&Token> {
        self.access_token.as_ref()
    }

    pub(crate) fn without_access_token(&self) -> Self {
        Self {
            access_token: None,
            ..self.clone()
        }
    }
}
