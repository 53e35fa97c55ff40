//! Entries as the server has them: named by an HMAC, and sealed.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use multi_auth::{Clock, Token};

use super::scripts::Answer;
use crate::{SealingKey, StoreError, StoreKey, Stored, StoredTokens, Unreadable, codec};

/// What seals and names the entries of a store.
pub(super) struct Entries {
    pub(super) key: SealingKey,
    pub(super) names: SealingKey,
    pub(super) clock: Arc<dyn Clock>,
}

/// The names of an entry and of its lease. The braces put both on one node of a cluster.
pub(super) struct Names {
    pub(super) entry: String,
    pub(super) lease: String,
}

/// An entry as it is published.
pub(super) struct Written {
    pub(super) sealed: Vec<u8>,
    /// How long its access token is valid.
    pub(super) validity: Validity,
    /// How long the server keeps it. `None`: without a limit.
    pub(super) kept: Option<Duration>,
}

/// How long the access token of an entry is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    /// There is no access token.
    Absent,
    /// It has no expiry.
    Unknown,
    For(Duration),
}

/// How long an access token without an expiry is kept, so that no entry stays for ever.
const KEPT_WITHOUT_EXPIRY: Duration = Duration::from_secs(24 * 3600);

/// How long an entry without tokens is kept. Until then, no process that was logged in restores it.
const KEPT_AFTER_LOGOUT: Duration = Duration::from_secs(30 * 24 * 3600);

impl Entries {
    pub(super) fn names(&self, key: &StoreKey) -> Names {
        let name = self.names.name(key);
        Names {
            entry: format!("multi-auth:{{{name}}}"),
            lease: format!("multi-auth:{{{name}}}:lease"),
        }
    }

    pub(super) fn write(
        &self,
        key: &StoreKey,
        tokens: &StoredTokens,
    ) -> Result<Written, StoreError> {
        let now = self.clock.wall();
        let plaintext = codec::encode_published(tokens, now);
        let sealed = self.key.seal(key, &plaintext);
        let sealed = sealed.map_err(|problem| StoreError::new(key.to_string(), problem))?;
        let validity = validity(tokens, now);
        Ok(Written {
            sealed,
            validity,
            kept: kept(tokens, validity),
        })
    }

    /// The entry of `answer`. Its access token expires by this process's clock.
    pub(super) fn read(&self, key: &StoreKey, answer: &Answer) -> Stored {
        let mut stored = Stored {
            revision: answer.revision,
            failures: answer.failures,
            ..Stored::default()
        };
        if let Some(sealed) = &answer.sealed {
            match self.open(key, sealed, answer.age()) {
                Ok(tokens) => stored.tokens = tokens,
                Err(unreadable) => stored.unreadable = Some(unreadable),
            }
        }
        stored
    }

    fn open(
        &self,
        key: &StoreKey,
        sealed: &[u8],
        age: Duration,
    ) -> Result<StoredTokens, Unreadable> {
        let plaintext = self.key.open(key, sealed)?;
        let (stored, published) =
            codec::decode_published(&plaintext).ok_or(Unreadable::Malformed)?;
        let tokens = stored.tokens;
        let (Some(token), Some(published)) = (tokens.access_token(), published) else {
            return Ok(tokens);
        };
        let Some(expiry) = token.expiry() else {
            return Ok(tokens);
        };
        let lifetime = expiry.duration_since(published).unwrap_or_default();
        let token = self.expiring_in(lifetime.saturating_sub(age), token.clone());
        Ok(tokens.with_access_token(token))
    }

    /// `token` with what is left of its lifetime. The clock of its publisher does not matter.
    fn expiring_in(&self, remaining: Duration, token: Token) -> Token {
        match self.clock.wall().checked_add(remaining) {
            Some(expiry) => token.with_expiry(expiry),
            None => token,
        }
    }
}

fn validity(tokens: &StoredTokens, now: SystemTime) -> Validity {
    let Some(token) = tokens.access_token() else {
        return Validity::Absent;
    };
    match (token.lifetime(), token.expiry()) {
        (Some(lifetime), _) => Validity::For(lifetime),
        (None, Some(expiry)) => Validity::For(expiry.duration_since(now).unwrap_or_default()),
        (None, None) => Validity::Unknown,
    }
}

fn kept(tokens: &StoredTokens, validity: Validity) -> Option<Duration> {
    if tokens.refresh_token().is_some() {
        return None;
    }
    Some(match validity {
        Validity::Absent => KEPT_AFTER_LOGOUT,
        Validity::Unknown => KEPT_WITHOUT_EXPIRY,
        Validity::For(remaining) => remaining,
    })
}

impl fmt::Debug for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entries")
            .field("key", &self.key)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
