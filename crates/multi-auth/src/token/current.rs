//! The token that a [`Bearer`](crate::Bearer) caches, for schemes built on it.

use secrecy::SecretString;

use super::Parts;
use crate::{Credential, CredentialId};

/// The token that a [`Bearer`](crate::Bearer) caches now, from
/// [`Bearer::ready_token`](crate::Bearer::ready_token) or [`Bearer::token`](crate::Bearer::token).
///
/// A scheme built on a token uses it to sign or to prove: RFC 9449 puts the hash of the token into
/// the proof. [`credential`](Self::credential) attaches the very token that was read. Add your own
/// with [`Credential::and`], and let the `Bearer` judge the response: the ID names its token.
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

    /// The credential that puts the token where the `Bearer` puts it.
    #[must_use]
    pub fn credential(&self) -> Credential {
        self.credential.clone()
    }

    /// Which token it is. A newer token has another ID.
    #[must_use]
    pub fn id(&self) -> &CredentialId {
        self.credential.id()
    }
}
