//! What stays the same in all attempts at one request.

use http::header::EXPECT;
use http::{HeaderMap, StatusCode};

use crate::adapter::history::History;
use crate::adapter::outcome::NotReplayed;
use crate::adapter::request_head::OwnedTarget;
use crate::{
    Account, Credential, CredentialId, Keyring, QueryKeys, Rejection, RequestHead, ResponseHead,
    Verdict,
};

/// What stays the same in all attempts at one request.
pub(super) struct Asked {
    pub(super) keyring: Keyring,
    /// The account that the request names.
    account: Option<Account>,
    /// Why the request may not be replayed, with any body.
    pub(super) barred: Option<NotReplayed>,
    /// The target, if a key goes into its query.
    target: Option<Box<OwnedTarget>>,
    /// The replays so far, if there were any.
    pub(super) history: Option<History>,
}

impl Asked {
    pub(super) fn new(keyring: &Keyring, credential: &Credential, head: &RequestHead<'_>) -> Self {
        let target = credential
            .is_in_query()
            .then(|| Box::new(OwnedTarget::of(head)));
        Self {
            keyring: keyring.clone(),
            account: head.account().cloned(),
            barred: barred(keyring, head),
            target,
            history: None,
        }
    }

    pub(super) fn keeps_copy(&self) -> bool {
        self.barred.is_none()
    }

    pub(super) fn redact(&self, keys: &QueryKeys, headers: &mut HeaderMap) {
        if let Some(target) = &self.target {
            target.with_head(None, |asked| keys.remove_from_location(asked, headers));
        }
    }

    pub(super) fn covers(&self, id: &CredentialId, request: &RequestHead<'_>) -> bool {
        let request = request.with_account(self.account.as_ref());
        !id.is_refreshable() || self.keyring.covers(id, &request)
    }

    pub(super) fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        if id.is_refreshable() {
            return self.keyring.judge(id, &response.after(self.history));
        }
        if id.is_bound() && response.status() == StatusCode::UNAUTHORIZED {
            return Verdict::Reject(Rejection::FixedKey);
        }
        Verdict::Accept
    }
}

/// Why `request` may not be replayed, with any body.
fn barred(keyring: &Keyring, request: &RequestHead<'_>) -> Option<NotReplayed> {
    if !keyring.replays(request.method()) {
        return Some(NotReplayed::UnsafeMethod);
    }
    // The client negotiates with the server when to send the body (RFC 9110, section 10.1.1).
    let negotiates = request.headers().contains_key(EXPECT);
    negotiates.then_some(NotReplayed::BodyNotReplayable)
}
