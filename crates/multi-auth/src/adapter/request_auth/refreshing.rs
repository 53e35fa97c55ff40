//! A refused request that waits for a new credential.

use http::StatusCode;

use super::tracked::{Asked, Tracked};
use super::{RequestAuth, State};
use crate::adapter::Outgoing;
use crate::adapter::history::History;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::{self, Tag};
use crate::{AuthError, Credential, CredentialId, Keyring, ReplayReasons};

/// A refused request that waits for a new credential.
pub struct Refreshing<C> {
    request: C,
    rest: Box<Rest>,
}

struct Rest {
    asked: Asked,
    id: CredentialId,
    tag: Tag,
    /// The status of the refusal.
    status: StatusCode,
    /// The replays, with the one to come.
    history: History,
    /// The reasons for the one to come.
    reasons: ReplayReasons,
}

/// What to do after a refresh.
pub enum AfterRefresh<C> {
    /// Attach a new credential to the copy of the request, drop the refusal and send the copy.
    Replay(Replay<C>),
    /// Deliver the refusal, with the outcome among its extensions.
    Deliver(Outcome),
    /// Fail with this error.
    Fail(AuthError),
}

/// A request that is to be replayed.
pub struct Replay<C> {
    /// The request as it was before a credential was attached.
    pub request: C,
    credential: Credential,
    rest: Box<Rest>,
}

impl<C> Refreshing<C> {
    pub(super) fn new(
        request: C,
        asked: Asked,
        id: CredentialId,
        tag: Tag,
        (status, history, reasons): (StatusCode, History, ReplayReasons),
    ) -> Self {
        tracing::debug!(name: "multi_auth.refused.refreshing", %status, "the credential was refused: asking for another");
        let rest = Box::new(Rest {
            asked,
            id,
            tag,
            status,
            history,
            reasons,
        });
        Self { request, rest }
    }

    /// The keyring that is asked for the new credential.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.rest.asked.keyring
    }

    /// The request for which the new credential is obtained.
    #[must_use]
    pub fn request(&self) -> &C {
        &self.request
    }

    /// The status with which the credential was refused.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.rest.status
    }

    /// The same with another kind of copy, and what else was kept with the copy.
    #[must_use]
    pub fn split<D, E>(self, split: impl FnOnce(C) -> (D, E)) -> (Refreshing<D>, E) {
        let (request, else_kept) = split(self.request);
        let rest = self.rest;
        (Refreshing { request, rest }, else_kept)
    }

    /// What to do with the new credential, or with the error.
    #[must_use]
    pub fn finish(self, refreshed: Result<Credential, AuthError>) -> AfterRefresh<C> {
        let Self { request, rest } = self;
        match refreshed {
            Ok(credential) if credential.is_empty() && !credential.is_judged() => {
                AfterRefresh::Fail(rest.failed(AuthError::NotReady))
            }
            Ok(credential) if rest.is_same_token(&credential) => {
                let history = rest.history;
                let outcome = history.undone(rest.tag, rest.status, NotReplayed::SameToken);
                AfterRefresh::Deliver(outcome)
            }
            Ok(credential) => AfterRefresh::Replay(Replay {
                request,
                credential,
                rest,
            }),
            Err(error) => AfterRefresh::Fail(rest.failed(error)),
        }
    }
}

impl Rest {
    /// Whether the refused token came again. A new signature may be of the same token.
    fn is_same_token(&self, credential: &Credential) -> bool {
        let is_resigned = self.reasons == ReplayReasons::RESIGNED;
        !is_resigned && self.id.is_within(credential.id())
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

impl<C> Replay<C> {
    /// The copy of the request, and what attaches the new credential to it.
    #[must_use]
    pub fn into_parts(self) -> (C, Replay<()>) {
        let Self {
            request,
            credential,
            rest,
        } = self;
        let replay = Replay {
            request: (),
            credential,
            rest,
        };
        (request, replay)
    }
}

impl Replay<()> {
    /// Whether [`attach`](Self::attach) wants a copy of the request.
    #[must_use]
    pub fn keeps_copy(&self) -> bool {
        self.credential.is_judged() && self.rest.asked.keeps_copy()
    }

    /// Attaches the new credential to `request`. `copy` is the request as it was before, for the replay that another
    /// reason may need.
    ///
    /// # Errors
    ///
    /// As [`Credential::attach`].
    pub fn attach<C>(
        self,
        request: &mut impl Outgoing,
        copy: Option<C>,
    ) -> Result<RequestAuth<C>, AuthError> {
        let Rest {
            mut asked,
            tag,
            history,
            ..
        } = *self.rest;
        asked.history = Some(history);
        let keyring = asked.keyring.clone();
        let tracked = Tracked::again(asked, self.credential.id().clone());
        let state = State::Tracked(Box::new(tracked));
        let mut auth = RequestAuth { state, tag };
        auth.attach(&keyring, self.credential, request, copy)?;
        Ok(auth)
    }
}

/// The request is not printed: its query and header fields may hold a key.
mod debug {
    use std::fmt;

    use super::{AfterRefresh, Refreshing, Replay};

    impl<C> fmt::Debug for Refreshing<C> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Refreshing")
                .field("status", &self.rest.status)
                .finish_non_exhaustive()
        }
    }

    impl<C> fmt::Debug for Replay<C> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("Replay")
                .field("credential", &self.credential)
                .finish_non_exhaustive()
        }
    }

    impl<C> fmt::Debug for AfterRefresh<C> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Replay(replay) => f.debug_tuple("Replay").field(replay).finish(),
                Self::Deliver(outcome) => f.debug_tuple("Deliver").field(outcome).finish(),
                Self::Fail(error) => f.debug_tuple("Fail").field(error).finish(),
            }
        }
    }
}
