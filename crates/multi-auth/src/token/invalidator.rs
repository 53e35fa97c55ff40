//! Tells a cache that its token was refused elsewhere.

use std::fmt;
use std::sync::Weak;

use secrecy::SecretString;

use super::cache::TokenCache;

/// Discards a cached token that the vendor has refused in another process, from
/// [`TokenSource::watch_refusals`](crate::TokenSource::watch_refusals).
#[derive(Clone)]
pub struct TokenInvalidator(Weak<TokenCache>);

impl TokenInvalidator {
    pub(crate) fn new(cache: Weak<TokenCache>) -> Self {
        Self(cache)
    }

    /// Discards `token` if the cache still has it. The next request obtains a newer one.
    pub fn invalidate(&self, token: &SecretString) {
        if let Some(cache) = self.0.upgrade() {
            cache.refused_elsewhere(token);
        }
    }
}

impl fmt::Debug for TokenInvalidator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenInvalidator")
    }
}
