//! A request whose response is judged.

use http::header::EXPECT;
use http::{HeaderMap, StatusCode};

use super::Next;
use super::refreshing::Refreshing;
use crate::adapter::Outgoing;
use crate::adapter::history::History;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::adapter::request_head::OwnedTarget;
use crate::credential::Attached;
use crate::telemetry::metrics::Tag;
use crate::{
    Account, AuthError, Credential, CredentialId, Keyring, QueryKeys, Rejection, RequestHead,
    ResponseHead, Verdict,
};

/// What is needed to judge a response and to replay its request.
pub(super) struct Tracked<C> {
    request: Asked,
    pub(super) id: CredentialId,
    pub(super) copy: Option<C>,
    pub(super) query_keys: Option<QueryKeys>,
}

/// What stays the same in all attempts at one request.
pub(super) struct Asked {
    pub(super) keyring: Keyring,
    /// The account that the request names.
    account: Option<Account>,
    /// Why the request may not be replayed, with any body.
    barred: Option<NotReplayed>,
    /// The target, if a key goes into its query.
    target: Option<Box<OwnedTarget>>,
    /// The replays so far, if there were any.
    pub(super) history: Option<History>,
}

impl Asked {
    pub(super) fn keeps_copy(&self) -> bool {
        self.barred.is_none()
    }
}

impl<C> Tracked<C> {
    pub(super) fn new(keyring: &Keyring, credential: &Credential, head: &RequestHead<'_>) -> Self {
        let request = Asked {
            keyring: keyring.clone(),
            account: head.account().cloned(),
            barred: barred(keyring, head),
            target: credential
                .is_in_query()
                .then(|| Box::new(OwnedTarget::of(head))),
            history: None,
        };
        Self::again(request, credential.id().clone())
    }

    /// The next attempt at `request`.
    pub(super) fn again(request: Asked, id: CredentialId) -> Self {
        Self {
            request,
            id,
            copy: None,
            query_keys: None,
        }
    }

    pub(super) fn keeps_copy(&self) -> bool {
        self.id.is_refreshable() && self.request.keeps_copy()
    }

    /// Removes the keys of the query from the `Location` of a response.
    pub(super) fn redact(&self, headers: &mut HeaderMap) {
        if let (Some(keys), Some(target)) = (&self.query_keys, &self.request.target) {
            target.with_head(None, |asked| keys.remove_from_location(asked, headers));
        }
    }

    /// Attaches `credential`. The result tells whether the response says something about it.
    pub(super) fn attach(
        &mut self,
        credential: Credential,
        request: &mut impl Outgoing,
        copy: Option<C>,
    ) -> Result<bool, AuthError> {
        self.copy = copy;
        if credential.is_empty() {
            return Ok(true);
        }
        self.query_keys = credential.query_keys();
        let all = 0..credential.count();
        match credential.attach_parts(request)? {
            Attached::All => {}
            Attached::AllBut(missing) => self.id = self.id.without(&missing),
            Attached::Nothing => {
                // What only watches the response has no attachment to lose.
                self.query_keys = None;
                self.id = self.id.without(&all.collect::<Vec<_>>());
                return Ok(self.id.is_refreshable());
            }
        }
        Ok(true)
    }

    pub(super) fn history(&self) -> Option<History> {
        self.request.history
    }

    pub(super) fn covers(&self, request: &RequestHead<'_>) -> bool {
        let request = request.with_account(self.request.account.as_ref());
        !self.id.is_refreshable() || self.request.keyring.covers(&self.id, &request)
    }

    /// What to do with a refusal.
    #[cold]
    pub(super) fn on_refusal(self, tag: Tag, status: StatusCode, verdict: Verdict) -> Next<C> {
        if let Verdict::Reject(why) = verdict {
            return self.refused(tag, status, NotReplayed::Rejected(why));
        }
        let reasons = verdict.reasons();
        let before = self.request.history.unwrap_or_else(|| History::new(status));
        let Some(history) = before.and(reasons) else {
            return self.refused(tag, status, NotReplayed::RefusedAgain);
        };
        let Some(copy) = self.copy else {
            let why = self.request.barred;
            let why = why.unwrap_or(NotReplayed::BodyNotReplayable);
            return self.refused(tag, status, why);
        };
        Next::Refresh(Refreshing::new(
            copy,
            self.request,
            self.id,
            tag,
            (status, history, reasons),
        ))
    }

    pub(super) fn judge(&self, response: &ResponseHead<'_>) -> Verdict {
        if self.id.is_refreshable() {
            let response = response.after(self.request.history);
            return self.request.keyring.judge(&self.id, &response);
        }
        if self.id.is_bound() && response.status() == StatusCode::UNAUTHORIZED {
            return Verdict::Reject(Rejection::FixedKey);
        }
        Verdict::Accept
    }

    pub(super) fn accepted(&self, tag: Tag, status: StatusCode) -> Option<Outcome> {
        self.request
            .history
            .map(|history| history.replayed(tag, status))
    }

    /// Delivers a refusal. After a replay, the outcome tells about the replay.
    fn refused(&self, tag: Tag, status: StatusCode, why: NotReplayed) -> Next<C> {
        Next::Deliver(Some(match self.request.history {
            Some(history) => history.refused(tag, why),
            None => Outcome::refused(tag, status, why),
        }))
    }
}

/// Why `request` may not be replayed, with any body.
fn barred(keyring: &Keyring, request: &RequestHead<'_>) -> Option<NotReplayed> {
    if !keyring.replays(request.method()) {
        return Some(NotReplayed::UnsafeMethod);
    }
    // The client negotiates with the server when to send the body (RFC 9110, 10.1.1).
    request
        .headers()
        .contains_key(EXPECT)
        .then_some(NotReplayed::BodyNotReplayable)
}
