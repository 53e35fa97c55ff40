//! Decides about redirects: followed or delivered, and what stays behind.
//!
//! As RFC 9110, section 15.4, and the Fetch standard: 303 turns into GET, 301 and 302 turn a POST
//! into GET, 307 and 308 keep method and body. A redirect chooses its target, so it must not borrow
//! a credential:
//!
//! - What leaves a protection space leaves behind the caller's own credentials and every sensitive
//!   header field.
//! - A hop at an origin other than the first gets no credential of the keyring.
//! - Back at the first origin, only a request with a safe method (RFC 9110, section 9.2.1) gets it
//!   again.

mod hop;
mod target;
pub use hop::{Hop, Stripped};
pub use target::{Follow, follow};

use super::request_head::OwnedTarget;
use crate::{Account, ForeignHop, Keyring, QueryKeys, RequestHead};

/// The redirects of one request, each decided by [`hop`](Self::hop).
#[derive(Clone)]
pub struct Redirects {
    keyring: Keyring,
    account: Option<Account>,
    first: OwnedTarget,
    last: OwnedTarget,
    /// The keys that an adapter above put into the first target's query.
    attached_keys: Option<QueryKeys>,
    /// The parameters of the first target in the places where the keyring puts its keys: its own
    /// and the caller's.
    first_keys: Option<QueryKeys>,
    /// Whether another origin was asked since the first.
    was_away: bool,
    /// Whether a redirect chose the first target too.
    was_foreign: bool,
}

impl Redirects {
    /// The redirects of `request`, as the caller made it.
    #[must_use]
    pub fn new(keyring: &Keyring, request: &RequestHead<'_>) -> Self {
        let first = OwnedTarget::of(request);
        Self {
            keyring: keyring.clone(),
            account: request.account().cloned(),
            last: first.clone(),
            first,
            attached_keys: request.extension().cloned(),
            first_keys: keyring.own_query_keys(request),
            was_away: false,
            was_foreign: request.extension::<ForeignHop>().is_some(),
        }
    }

    /// Whether `target` is at another origin than the last one asked.
    #[must_use]
    pub fn leaves_origin(&self, target: &RequestHead<'_>) -> bool {
        self.last
            .with_head(self.account.as_ref(), |last| !last.is_same_origin(target))
    }

    /// Whether a redirect to `target` must be delivered as it is: it shows a key that cannot be
    /// removed from it.
    #[must_use]
    pub fn shows_key(&self, target: &RequestHead<'_>) -> bool {
        let leaves = self.was_away || self.leaves_space(target);
        let keys = self.attached_keys.as_ref().filter(|_| leaves);
        keys.is_some_and(|keys| OwnedTarget::of(target).without(keys, true).is_none())
    }

    /// The hop to `target`, with the method by which it is asked. Call it once for each redirect
    /// that is followed.
    pub fn hop(&mut self, target: &RequestHead<'_>) -> Hop {
        let leaves_origin = self.leaves_origin(target);
        let leaves_space = self.leaves_space(target);
        let is_first_origin = self
            .first
            .with_head(None, |first| first.is_same_origin(target));
        self.was_away |= !is_first_origin;
        // Below an adapter no credential is attached anew: within the protection space, a repeated
        // key stays.
        let keeps_keys = !leaves_space && !self.was_away;
        let mut next = OwnedTarget::of(target);
        if let Some(keys) = self.attached_keys.as_ref().filter(|_| !keeps_keys) {
            next.remove_keys(keys, is_first_origin);
        }
        if leaves_origin {
            self.remove_names(&mut next);
        }
        if is_first_origin {
            self.remove_planted(&mut next, keeps_keys);
        }
        let is_served = is_first_origin && (!self.was_away || target.method().is_safe());
        let left = std::mem::replace(&mut self.last, next);
        Hop {
            keyring: self.keyring.clone(),
            account: self.account.clone(),
            left: leaves_space.then_some(left),
            next: self.last.clone(),
            leaves_origin,
            is_foreign: !is_served || self.was_foreign,
            has_lost_keys: !keeps_keys || !self.has_attached_keys(),
        }
    }

    /// Whether `target` is in another protection space than the last one asked. Another origin is
    /// always another one.
    #[must_use]
    pub fn leaves_space(&self, target: &RequestHead<'_>) -> bool {
        let account = self.account.as_ref();
        let target = target.with_account(account);
        self.last.with_head(account, |last| {
            !self.keyring.same_protection_space(last, &target)
        })
    }

    /// Removes parameters with the name of a key of the origin that is left. Its server may have
    /// changed the value.
    fn remove_names(&self, next: &mut OwnedTarget) {
        let account = self.account.as_ref();
        let cleaned = next.with_head(account, |next| {
            self.last.with_head(account, |left| {
                self.keyring.query_without_names_of(left, next)
            })
        });
        next.replace_query(cleaned);
    }

    /// Removes a key that the redirect put into the query: at the first origin it would count as
    /// the caller's own.
    fn remove_planted(&self, next: &mut OwnedTarget, keeps_own: bool) {
        let own = self.first_keys.as_ref().filter(|_| keeps_own);
        let cleaned = next.with_head(self.account.as_ref(), |next| {
            self.keyring.query_without_credentials(next, own)
        });
        next.replace_query(cleaned);
    }

    /// Whether the last target repeats a key that an adapter above attached.
    fn has_attached_keys(&self) -> bool {
        let repeats = |keys: &QueryKeys| {
            let query = self.last.query().unwrap_or_default();
            query.split('&').any(|param| keys.has(param))
        };
        self.attached_keys.as_ref().is_none_or(repeats)
    }
}

/// The targets are not printed: their queries may hold a key.
impl std::fmt::Debug for Redirects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redirects")
            .field("keyring", &self.keyring)
            .field("was_away", &self.was_away)
            .finish_non_exhaustive()
    }
}
