//! A fixed key whose refusals the file describes.

use async_trait::async_trait;
use http::StatusCode;
use multi_auth::{
    AuthError, Authenticator, BodyNeed, Credential, CredentialId, Generation, Placement, Rejection,
    RequestHead, ResponseHead, Verdict,
};

use crate::condition::Conditions;

/// A fixed key whose responses are judged by conditions. A newer key that is refused so is not
/// taken for accepted.
#[derive(Debug)]
pub(super) struct JudgedKey<K> {
    key: K,
    generation: Generation,
    refused: Conditions,
    forbidden: Conditions,
}

impl<K> JudgedKey<K> {
    pub(super) fn new(key: K, refused: Conditions, forbidden: Conditions) -> Self {
        Self {
            key,
            generation: Generation::next(),
            refused,
            forbidden,
        }
    }

    /// `credential` with an ID by which its response is judged. The response to a credential of
    /// the caller is not.
    fn judged(&self, credential: Credential) -> Credential {
        if credential.is_empty() {
            return credential;
        }
        credential.with_id(CredentialId::refreshable(self.generation))
    }
}

#[async_trait]
impl<K: Authenticator> Authenticator for JudgedKey<K> {
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        let ready = self.key.ready(request)?;
        Some(ready.map(|credential| self.judged(credential)))
    }

    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        let credential = self.key.authenticate(request).await?;
        Ok(self.judged(credential))
    }

    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        if !id.holds(self.generation) {
            return Verdict::Accept;
        }
        if self.forbidden.hold(response) {
            return Verdict::Reject(Rejection::InsufficientScope);
        }
        if response.status() == StatusCode::UNAUTHORIZED || self.refused.hold(response) {
            return Verdict::Reject(Rejection::FixedKey);
        }
        Verdict::Accept
    }

    fn placements(&self) -> Vec<Placement> {
        self.key.placements()
    }

    fn needs_body(&self) -> BodyNeed {
        self.key.needs_body()
    }

    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        self.key.needs_body_of(request)
    }

    fn checks_host(&self) -> bool {
        self.key.checks_host()
    }

    fn reads_responses(&self) -> bool {
        self.refused.read_json() || self.forbidden.read_json()
    }
}
