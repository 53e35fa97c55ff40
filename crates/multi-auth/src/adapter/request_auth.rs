//! What to do with an answer: deliver it, or refresh the credential and send the request once more.
//!
//! All decisions of a request's way through an adapter are here, and no I/O. An adapter asks
//! [`Keyring::ready`](crate::Authenticator::ready) for the credential (or awaits
//! [`authenticate`](crate::Authenticator::authenticate)), keeps a copy of the request if
//! [`RequestAuth::keeps_copy`] says so, lets the flow attach, sends, and does what the flow says:
//!
//! ```text
//! attach -> send -> on_response -> Deliver
//!                              \-> Refresh -> on_refreshed -> Replay -> send -> on_response -> Deliver
//!                                                     \-> Deliver | Fail
//! ```

use http::StatusCode;
use http::header::EXPECT;

use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::credential::Attached;
use crate::credential::id::Mask;
use crate::telemetry::metrics;
use crate::telemetry::metrics::Tag;
use crate::{
    Account, AuthError, Credential, CredentialId, Keyring, Outgoing, QueryKeys, Rejection,
    RequestHead, ResponseHead, Verdict,
};

/// One request's way from the credential it got to the answer that is delivered.
#[derive(Debug, Default)]
pub struct RequestAuth {
    id: CredentialId,
    /// Who judges the answer. A fixed key needs no judge.
    judge: Option<Judge>,
    /// The status with which the first attempt was refused.
    refused: Option<StatusCode>,
    /// What was put into the target's query.
    query_keys: Option<QueryKeys>,
    /// Whose credential it is, for metrics.
    tag: Tag,
}

#[derive(Debug)]
struct Judge {
    keyring: Keyring,
    account: Option<Account>,
    /// Why the request may not be sent again, whatever its body.
    barred: Option<NotReplayed>,
}

/// What to do with an answer.
#[derive(Debug)]
pub enum Next {
    /// Deliver it, with the outcome among its extensions if there is one.
    Deliver(Option<Outcome>),
    /// Keep it, obtain a new credential from the keyring, and ask [`RequestAuth::on_refreshed`]; drop it before
    /// a replay.
    Refresh,
}

/// What to do after a refresh.
#[derive(Debug)]
pub enum AfterRefresh {
    /// Attach this to the copy of the request and send it.
    Replay(Credential),
    /// Deliver the first answer, with the outcome among its extensions.
    Deliver(Outcome),
    /// Fail with this error.
    Fail(AuthError),
}

impl RequestAuth {
    /// The way of `request`, which is to carry `credential`, obtained from `keyring`.
    #[must_use]
    #[inline]
    pub fn new(keyring: &Keyring, credential: &Credential, request: &RequestHead<'_>) -> Self {
        let id = credential.id();
        let judge = id.is_refreshable().then(|| Judge {
            keyring: keyring.clone(),
            account: request.account().cloned(),
            barred: barred(keyring, request),
        });
        Self {
            id,
            judge,
            refused: None,
            query_keys: None,
            tag: Tag::UNLABELLED,
        }
    }

    /// The way of a request that is to carry `credential`, whose id is not
    /// [refreshable](CredentialId::is_refreshable): no copy is kept, and nobody need be asked about the answer. As
    /// [`new`](Self::new), without a look at the request; one that is refreshable is taken for a fixed key here.
    #[must_use]
    #[inline]
    pub fn fixed(credential: &Credential) -> Self {
        Self {
            id: credential.id(),
            ..Self::default()
        }
    }

    /// Whether a copy of the request may be needed.
    #[must_use]
    pub fn keeps_copy(&self) -> bool {
        self.judge
            .as_ref()
            .is_some_and(|judge| judge.barred.is_none())
            && self.refused.is_none()
    }

    /// Puts `credential` of `keyring` on `request`, and takes note if the caller's own was there already: then the answer says
    /// nothing about the keyring's. It tells whether anything was put there.
    ///
    /// # Errors
    ///
    /// As [`Credential::attach`].
    #[inline]
    pub fn attach(
        &mut self,
        keyring: &Keyring,
        credential: Credential,
        request: &mut impl Outgoing,
    ) -> Result<bool, AuthError> {
        self.query_keys = credential.query_keys();
        match credential.attach_parts(request)? {
            Attached::All => {}
            Attached::AllBut(missing) => self.judge_without(missing),
            Attached::Nothing => {
                // The response will speak about the caller's own credential.
                *self = Self::default();
                return Ok(false);
            }
        }
        self.tag = keyring.attached(&self.id);
        Ok(true)
    }

    /// Leaves the parts that the caller had set out of what the response is judged by.
    #[cold]
    fn judge_without(&mut self, missing: Mask) {
        self.id = self.id.without(missing);
        if !self.id.is_refreshable() {
            self.judge = None;
        }
    }

    /// The keys that were put into the target's query, if any were. They must be taken out of a
    /// redirect's `Location` before anybody follows it, and out of URLs that are shown.
    #[must_use]
    pub fn query_keys(&self) -> Option<&QueryKeys> {
        self.query_keys.as_ref()
    }

    /// Whether the credential came from the scope that `request` is in.
    ///
    /// Where a client below the adapter follows redirects, `request` is what it asked last.
    #[must_use]
    pub fn covers(&self, request: &RequestHead<'_>) -> bool {
        self.judge.as_ref().is_none_or(|judge| {
            let request = request.with_account(judge.account.as_ref());
            judge.keyring.covers(&self.id, &request)
        })
    }

    /// What to do with `response`; `has_copy` tells whether the request can be sent once more.
    #[inline]
    pub fn on_response(&mut self, response: &ResponseHead<'_>, has_copy: bool) -> Next {
        let status = response.status();
        if let Some(first) = self.refused {
            // A fresh token that is refused at once is not blamed: it is kept for other requests.
            let again = status == first || status == StatusCode::UNAUTHORIZED;
            if status.is_success() {
                // A key on trial has passed with this request as with any other.
                let _ = self.judge(response);
            }
            return Next::Deliver(Some(Outcome::replayed(self.tag, first, again)));
        }
        let why = match self.judge(response) {
            Verdict::Accept => return Next::Deliver(None),
            Verdict::Reject(why) => NotReplayed::Rejected(why),
            Verdict::Refresh if has_copy => return self.refresh(status),
            Verdict::Refresh => self.barred().unwrap_or(NotReplayed::BodyNotReplayable),
        };
        Next::Deliver(Some(Outcome::refused(self.tag, status, why)))
    }

    /// What to do with an answer that came from outside the credential's scope: it says nothing
    /// about the credential.
    #[must_use]
    pub fn on_foreign_response(&self, status: StatusCode) -> Option<Outcome> {
        if self.refused.is_none() && status != StatusCode::UNAUTHORIZED {
            return None;
        }
        Some(self.foreign_outcome(status))
    }

    /// What to do once the credential was refreshed, or could not be.
    #[must_use]
    pub fn on_refreshed(&mut self, refreshed: Result<Credential, AuthError>) -> AfterRefresh {
        let status = self.refused.unwrap_or(StatusCode::UNAUTHORIZED);
        match refreshed {
            Ok(credential) if self.id.is_within(&credential.id()) => {
                AfterRefresh::Deliver(Outcome::refused(self.tag, status, NotReplayed::SameToken))
            }
            Ok(credential) => {
                self.id = credential.id();
                AfterRefresh::Replay(credential)
            }
            // It names the refusal itself.
            Err(error @ AuthError::TimedOut { .. }) => {
                metrics::refresh_failed(self.tag);
                AfterRefresh::Fail(error)
            }
            Err(source) => {
                tracing::debug!(
                    name: "multi_auth.refused.refresh_failed",
                    %status,
                    error = %source,
                    "the refused credential could not be refreshed"
                );
                metrics::refresh_failed(self.tag);
                AfterRefresh::Fail(AuthError::refresh(status, source))
            }
        }
    }

    fn judge(&self, response: &ResponseHead<'_>) -> Verdict {
        match &self.judge {
            Some(judge) => judge.keyring.judge(&self.id, response),
            None if self.id.is_bound() && response.status() == StatusCode::UNAUTHORIZED => {
                Verdict::Reject(Rejection::FixedKey)
            }
            None => Verdict::Accept,
        }
    }

    #[cold]
    #[inline(never)]
    fn foreign_outcome(&self, status: StatusCode) -> Outcome {
        let refused = status == StatusCode::UNAUTHORIZED;
        match self.refused {
            Some(first) => Outcome::replayed_elsewhere(self.tag, first, refused),
            None => Outcome::refused(self.tag, status, NotReplayed::ForeignOrigin),
        }
    }

    fn barred(&self) -> Option<NotReplayed> {
        self.judge.as_ref().and_then(|judge| judge.barred)
    }

    fn refresh(&mut self, status: StatusCode) -> Next {
        tracing::debug!(name: "multi_auth.refused.refreshing", %status, "the credential was refused: asking for another");
        self.refused = Some(status);
        Next::Refresh
    }
}

/// Why `request` may not be sent again, whatever its body.
fn barred(keyring: &Keyring, request: &RequestHead<'_>) -> Option<NotReplayed> {
    if !keyring.replays(request.method()) {
        return Some(NotReplayed::UnsafeMethod);
    }
    // The client has negotiated the body's sending with the server (RFC 9110, 10.1.1).
    request
        .headers()
        .contains_key(EXPECT)
        .then_some(NotReplayed::BodyNotReplayable)
}

#[cfg(test)]
mod tests;
