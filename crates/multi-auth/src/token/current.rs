//! The token that a [`Bearer`](crate::Bearer) caches, for schemes that are built on it.

use secrecy::SecretString;

use super::Parts;
use crate::{Credential, CredentialId};

/// The token that a [`Bearer`](crate::Bearer) caches now, from
/// [`Bearer::ready_token`](crate::Bearer::ready_token) or [`Bearer::token`](crate::Bearer::token).
///
/// A scheme that is built on a token signs it or proves its possession: the proof of RFC 9449, 4.2,
/// has the hash of the token. [`credential`](Self::credential) attaches exactly this token. Add
/// your credential with [`Credential::and`], and forward [`judge`](crate::Authenticator::judge) to
/// the `Bearer`.
///
/// ```
/// use multi_auth::{Bearer, Token, source_fn};
/// use secrecy::ExposeSecret;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), multi_auth::AuthError> {
/// let bearer = Bearer::new(source_fn(|| async { Ok(Token::new("t-123")) }));
/// let current = bearer.token().await?;
/// assert_eq!(current.value().expose_secret(), "t-123");
/// # Ok(())
/// # }
/// ```
///
/// `Debug` prints no value.
#[derive(Clone, Debug)]
pub struct CurrentToken {
    credential: Credential,
    value: SecretString,
    parts: Parts,
}

impl CurrentToken {
    pub(crate) fn new(credential: Credential, value: SecretString, parts: Parts) -> Self {
        Self {
            credential,
            value,
            parts,
        }
    }

    /// The token itself.
    #[must_use]
    pub fn value(&self) -> &SecretString {
        &self.value
    }

    /// The part of this name, another value of the token's response.
    #[must_use]
    pub fn part(&self, name: &str) -> Option<&SecretString> {
        self.parts.get(name)
    }

    /// All parts, sorted by name.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.parts.iter()
    }

    pub(crate) fn shared_parts(&self) -> &Parts {
        &self.parts
    }

    /// Returns the credential that attaches this token as the `Bearer` does.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential.clone()
    }

    /// Returns the ID of this token. A newer token has another ID.
    #[must_use]
    pub fn id(&self) -> &CredentialId {
        self.credential.id()
    }
}
