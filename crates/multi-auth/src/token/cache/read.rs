//! Returns the token to schemes that are built on it.

use std::sync::Arc;

use super::TokenCache;
use crate::{AuthError, Credential, CurrentToken, TokenRequestProblem};

/// How often the token is read again after the program has invalidated it in between.
const ATTEMPTS: usize = 3;

impl TokenCache {
    /// The token, if it is valid. In its refresh window, this starts a background refresh.
    pub(crate) fn ready_token(self: &Arc<Self>) -> Option<CurrentToken> {
        self.read(&self.ready()?)
    }

    /// The token. Waits for the shared token request if there is no valid token.
    pub(crate) async fn acquire_token(self: &Arc<Self>) -> Result<CurrentToken, AuthError> {
        for _ in 0..ATTEMPTS {
            if let Some(token) = self.ready_token() {
                return Ok(token);
            }
            if let Some(token) = self.read(&self.acquire().await?) {
                return Ok(token);
            }
        }
        let interrupted = TokenRequestProblem::Interrupted;
        Err(AuthError::token_request("the token source", interrupted))
    }

    /// The token of `credential`: the current one, or the stale one.
    fn read(&self, credential: &Credential) -> Option<CurrentToken> {
        let generation = credential.id().generation()?;
        let current = self.slot.load_full();
        let entry = current.filter(|entry| entry.generation() == generation);
        let stale = || self.state().stale.clone();
        let entry = entry.or_else(|| stale().filter(|entry| entry.generation() == generation));
        entry?.read(self.placement())
    }
}
