//! A refused request that waits for a new credential.

use std::fmt;

use http::StatusCode;
use http::header::EXPECT;

use super::asked::Asked;
use super::prepared::Prepared;
use crate::adapter::history::History;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::{self, Tag};
use crate::{AuthError, Credential, CredentialId, Keyring, ReplayReasons, RequestHead};

/// A refused request that waits for a new credential.
pub struct Refreshing(Box<Refused>);

/// An attempt that was refused.
pub(super) struct Refused {
    pub(super) asked: Asked,
    pub(super) id: CredentialId,
    pub(super) tag: Tag,
    /// The status of the refusal.
    pub(super) status: StatusCode,
    /// The replays, with the one to come.
    pub(super) history: History,
    /// The reasons for the one to come.
    pub(super) reasons: ReplayReasons,
}

/// What to do after a refresh.
pub enum AfterRefresh<C> {
    /// Attach the new credential to the request, drop the refusal and send the request.
    Replay(Prepared<'static, C>),
    /// Deliver the refusal, with the outcome among its extensions.
    Deliver(Outcome),
    /// Fail with this error.
    Fail(AuthError),
}

impl Refreshing {
    pub(super) fn new(refused: Refused) -> Self {
        Self(Box::new(refused))
    }

    /// Begins the refresh for `request`, as it was restored.
    ///
    /// # Errors
    ///
    /// The outcome to deliver with the refusal, where the request may not be replayed: its client
    /// negotiates with the server when to send the body (RFC 9110, section 10.1.1).
    pub fn begin(&self, request: &RequestHead<'_>) -> Result<(), Outcome> {
        let Refused {
            tag,
            status,
            history,
            ..
        } = *self.0;
        if request.headers().contains_key(EXPECT) {
            return Err(history.undone(tag, status, NotReplayed::BodyNotReplayable));
        }
        tracing::debug!(name: "multi_auth.refused.refreshing", %status, "the credential was refused: asking for another");
        Ok(())
    }

    /// The keyring that is asked for the new credential.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.0.asked.keyring
    }

    /// The status with which the credential was refused.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What to do with the new credential, or with the error. `copy` makes a copy of the request
    /// that is to be replayed, for a further replay; without it there is none.
    #[must_use]
    pub fn finish<C>(
        self,
        refreshed: Result<Credential, AuthError>,
        copy: impl FnOnce() -> Option<C>,
    ) -> AfterRefresh<C> {
        let refused = self.0;
        match refreshed {
            Ok(credential) if credential.is_empty() && !credential.is_judged() => {
                AfterRefresh::Fail(refused.failed(AuthError::NotReady))
            }
            Ok(credential) if refused.is_same_token(&credential) => {
                let (tag, status) = (refused.tag, refused.status);
                let outcome = refused.history.undone(tag, status, NotReplayed::SameToken);
                AfterRefresh::Deliver(outcome)
            }
            Ok(credential) => AfterRefresh::Replay(refused.prepare(credential, copy)),
            Err(error) => AfterRefresh::Fail(refused.failed(error)),
        }
    }
}

impl Refused {
    /// Whether the refused token came again. A new signature may be of the same token.
    fn is_same_token(&self, credential: &Credential) -> bool {
        let is_resigned = self.reasons == ReplayReasons::RESIGNED;
        !is_resigned && self.id.is_within(credential.id())
    }

    fn prepare<C>(
        self,
        credential: Credential,
        copy: impl FnOnce() -> Option<C>,
    ) -> Prepared<'static, C> {
        let mut asked = self.asked;
        asked.history = Some(self.history);
        Prepared::again(asked, credential, copy)
    }

    fn failed(&self, error: AuthError) -> AuthError {
        metrics::refresh_failed(self.tag);
        // A timeout names the refusal itself.
        if matches!(error, AuthError::TimedOut { .. }) {
            return error;
        }
        let status = self.status;
        tracing::debug!(
            name: "multi_auth.refused.refresh_failed",
            %status,
            error = %error,
            "no new credential could be obtained"
        );
        AuthError::refresh(status, error)
    }
}

impl fmt::Debug for Refreshing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refreshing")
            .field("status", &self.0.status)
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for AfterRefresh<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replay(prepared) => f.debug_tuple("Replay").field(prepared).finish(),
            Self::Deliver(outcome) => f.debug_tuple("Deliver").field(outcome).finish(),
            Self::Fail(error) => f.debug_tuple("Fail").field(error).finish(),
        }
    }
}
