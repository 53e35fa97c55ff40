//! A refused request that waits for a new credential.

use http::StatusCode;

use super::tracked::{Asked, Tracked};
use super::{RequestAuth, State};
use crate::adapter::Outgoing;
use crate::adapter::history::History;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::{self, Tag};
use crate::{AuthError, Credential, CredentialId, Keyring};

/// A refused request that waits for a new credential.
#[derive(Debug)]
pub struct Refreshing<C> {
    request: C,
    rest: Box<Rest>,
}

#[derive(Debug)]
struct Rest {
    asked: Asked,
    id: CredentialId,
    tag: Tag,
    /// The status of the refusal.
    status: StatusCode,
    /// The replays, with the one to come.
    history: History,
}

/// What to do after a refresh.
#[derive(Debug)]
pub enum AfterRefresh<C> {
    /// Attach a new credential to the copy of the request, drop the refusal and send the copy.
    Replay(Replay<C>),
    /// Deliver the refusal, with the outcome among its extensions.
    Deliver(Outcome),
    /// Fail with this error.
    Fail(AuthError),
}

/// A request that is to be replayed.
#[derive(Debug)]
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
        (status, history): (StatusCode, History),
    ) -> Self {
        tracing::debug!(name: "multi_auth.refused.refreshing", %status, "the credential was refused: asking for another");
        let rest = Box::new(Rest {
            asked,
            id,
            tag,
            status,
            history,
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
            Ok(credential) if rest.id.is_within(credential.id()) => {
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
