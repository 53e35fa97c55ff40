//! How to sign requests to an origin.

use multi_auth::CredentialId;

use super::session::Session;
use crate::SignError;

/// What the last challenge said.
pub(super) enum Answer {
    /// There was none, or its nonce is no longer valid.
    Unknown,
    /// It cannot be answered.
    Unusable(SignError),
    Session(Box<Session>),
}

impl Answer {
    /// No challenge can be answered because of `problem`. It is logged: a request that cannot be
    /// replayed gets a response with status 401, and no error.
    pub(super) fn unusable(problem: SignError) -> Self {
        tracing::warn!(
            name: "multi_auth.digest.unusable",
            error = %problem,
            "the server's Digest challenge cannot be answered"
        );
        Self::Unusable(problem)
    }

    pub(super) fn is_unusable_because(&self, problem: &SignError) -> bool {
        matches!(self, Self::Unusable(known) if known == problem)
    }

    pub(super) fn session(&self) -> Option<&Session> {
        match self {
            Self::Session(session) => Some(session),
            Self::Unknown | Self::Unusable(_) => None,
        }
    }

    /// Whether the request with the ID `id` was signed with the nonce.
    pub(super) fn is_of(&self, id: &CredentialId) -> bool {
        self.session()
            .is_some_and(|session| id.holds(session.generation))
    }
}
