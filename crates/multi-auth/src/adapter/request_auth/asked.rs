//! What stays the same in all attempts at one request.

use http::{HeaderMap, StatusCode};

use crate::adapter::history::History;
use crate::adapter::request_head::OwnedTarget;
use crate::{
    Account, CredentialId, Keyring, QueryKeys, Rejection, RequestHead, ResponseHead, Verdict,
};

/// What stays the same in all attempts at one request.
pub(super) struct Asked {
    pub(super) keyring: Keyring,
    pub(super) request: Request,
    /// The replays so far, if there were any.
    pub(super) history: Option<History>,
}

/// What is kept of a request's head.
pub(super) struct Request {
    account: Option<Account>,
    /// The target, if a key goes into its query.
    target: Option<Box<OwnedTarget>>,
    /// Whether the keyring replays requests of this method.
    pub(super) may_be_replayed: bool,
}

impl Request {
    #[inline(never)]
    pub(super) fn new(head: &RequestHead<'_>, keyring: &Keyring, is_in_query: bool) -> Self {
        Self {
            account: head.account().cloned(),
            target: is_in_query.then(|| Box::new(OwnedTarget::of(head))),
            may_be_replayed: keyring.replays(head.method()),
        }
    }
}

impl Asked {
    pub(super) fn redact(&self, keys: &QueryKeys, headers: &mut HeaderMap) {
        if let Some(target) = &self.request.target {
            target.with_head(None, |asked| keys.remove_from_location(asked, headers));
        }
    }

    pub(super) fn covers(&self, id: &CredentialId, request: &RequestHead<'_>) -> bool {
        let request = request.with_account(self.request.account.as_ref());
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
