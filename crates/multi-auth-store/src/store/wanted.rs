//! What a process wants of an entry.

use std::time::{Duration, SystemTime};

use super::Stored;

/// The access token that a caller of [`TokenStore::acquire`](crate::TokenStore::acquire) can use.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    newer_than: u64,
    is_refused: bool,
    now: SystemTime,
}

/// The shortest remaining lifetime with which a stored token is used.
const MIN_REMAINING: Duration = Duration::from_secs(1);

impl Wanted {
    /// A token that is newer than the revision `newer_than`, and valid for more than a second at
    /// `now`.
    #[must_use]
    pub fn new(newer_than: u64, now: SystemTime) -> Self {
        Self {
            newer_than,
            is_refused: false,
            now,
        }
    }

    /// Reports that the vendor has refused the token of the revision `newer_than`.
    #[must_use]
    pub fn with_refusal(self) -> Self {
        Self {
            is_refused: true,
            ..self
        }
    }

    /// The revision that the caller has seen; 0 for none.
    #[must_use]
    pub fn newer_than(&self) -> u64 {
        self.newer_than
    }

    /// The revision whose token the vendor has refused.
    #[must_use]
    pub fn refused(&self) -> Option<u64> {
        self.is_refused.then_some(self.newer_than)
    }

    /// The shortest remaining lifetime with which a stored token is used.
    #[must_use]
    pub fn min_remaining(&self) -> Duration {
        MIN_REMAINING
    }

    /// Whether `stored` has an access token that the caller can use.
    #[must_use]
    pub fn is_met_by(&self, stored: &Stored) -> bool {
        let Some(token) = stored.tokens.access_token() else {
            return false;
        };
        let end = self.now + MIN_REMAINING;
        stored.revision > self.newer_than && token.expiry().is_none_or(|expiry| expiry > end)
    }

    pub(super) fn has_refused(&self, stored: &Stored) -> bool {
        self.refused() == Some(stored.revision) && stored.tokens.access_token().is_some()
    }
}
