//! What stays the same in all attempts at one request.

use http::{HeaderMap, StatusCode};

use crate::adapter::history::History;
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
    /// The target, if a key goes into its query or a binding covers several hosts.
    target: Option<Box<OwnedTarget>>,
    /// Whether the keyring replays requests of this method.
    pub(super) may_be_replayed: bool,
    /// The replays so far, if there were any.
    pub(super) history: Option<History>,
}

impl Asked {
    #[inline]
    pub(super) fn new(keyring: &Keyring, head: &RequestHead<'_>, credential: &Credential) -> Self {
        let keeps_target = credential.is_in_query() || keyring.has_subdomains(credential.id());
        Self {
            keyring: keyring.clone(),
            account: head.account().cloned(),
            target: keeps_target.then(|| Box::new(OwnedTarget::of(head))),
            may_be_replayed: keyring.replays(head.method()),
            history: None,
        }
    }

    pub(super) fn redact(&self, keys: &QueryKeys, headers: &mut HeaderMap) {
        if let Some(target) = &self.target {
            target.with_head(None, |asked| keys.remove_from_location(asked, headers));
        }
    }

    pub(super) fn covers(&self, id: &CredentialId, request: &RequestHead<'_>) -> bool {
        let request = request.with_account(self.account.as_ref());
        !id.is_refreshable()
            || self.keyring.covers(id, &request) && self.is_at_one_host(id, &request)
    }

    /// Whether the credential may be judged by the response to `request`: a binding that covers
    /// several hosts sends each of its tokens to one of them.
    fn is_at_one_host(&self, id: &CredentialId, request: &RequestHead<'_>) -> bool {
        let target = self.target.as_ref();
        let Some(target) = target.filter(|_| self.keyring.has_subdomains(id)) else {
            return true;
        };
        target.with_head(None, |asked| asked.is_same_origin(request))
    }

    #[inline]
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
