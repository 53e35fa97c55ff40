//! A request and the credential that it is to carry.

use std::fmt;

use super::asked::{Asked, Request};
use super::tracked::Tracked;
use super::{RequestAuth, State};
use crate::adapter::Outgoing;
use crate::credential::Attached;
use crate::{AuthError, Credential, Keyring, RequestHead};

/// A request and the credential that it is to carry, from [`RequestAuth::prepare`] or, for a
/// replay, from [`Refreshing::finish`](super::Refreshing::finish).
#[must_use]
pub struct Prepared<'k> {
    credential: Credential,
    attempt: Attempt<'k>,
}

enum Attempt<'k> {
    /// The first, with a credential that cannot be refreshed. Nothing is kept for its response.
    Fixed(&'k Keyring),
    /// The first, whose response is judged or has a key in its target's query.
    First(&'k Keyring, Request),
    /// A replay.
    Again(Box<Asked>),
}

impl<'k> Prepared<'k> {
    #[inline]
    pub(super) fn new(
        keyring: &'k Keyring,
        credential: Credential,
        head: &RequestHead<'_>,
    ) -> Self {
        let attempt = if credential.is_judged() || credential.is_in_query() {
            let request = Request::new(head, keyring, credential.is_in_query());
            Attempt::First(keyring, request)
        } else {
            Attempt::Fixed(keyring)
        };
        Self {
            credential,
            attempt,
        }
    }

    /// The next attempt at the request that was `asked`.
    pub(super) fn again(asked: Box<Asked>, credential: Credential) -> Self {
        let attempt = Attempt::Again(asked);
        Self {
            credential,
            attempt,
        }
    }

    /// Whether [`attach`](Self::attach) wants a copy of the request.
    #[must_use]
    #[inline]
    pub fn keeps_copy(&self) -> bool {
        let may_be_replayed = match &self.attempt {
            Attempt::Fixed(_) => false,
            Attempt::First(_, request) => request.may_be_replayed,
            Attempt::Again(asked) => asked.request.may_be_replayed,
        };
        may_be_replayed && self.credential.is_judged()
    }

    /// Puts the credential on `request`, except where the caller set one: then the response says
    /// nothing about the keyring's. `copy` is the request as it was before.
    ///
    /// # Errors
    ///
    /// As [`Credential::attach`].
    #[inline]
    pub fn attach<C>(
        self,
        request: &mut impl Outgoing,
        copy: Option<C>,
    ) -> Result<RequestAuth<C>, AuthError> {
        let credential = self.credential;
        let asked = match self.attempt {
            Attempt::Fixed(keyring) => return attach_fixed(keyring, &credential, request),
            Attempt::First(keyring, request) => Asked {
                keyring: keyring.clone(),
                request,
                history: None,
            },
            Attempt::Again(asked) => *asked,
        };
        let mut tracked = Box::new(Tracked {
            asked,
            id: credential.id().clone(),
            copy,
            query_keys: credential.query_keys(),
        });
        if !tracked.attach(&credential, request)? {
            return Ok(RequestAuth::default());
        }
        let tag = tracked.asked.keyring.attached(&tracked.id);
        let state = State::Tracked(tracked);
        Ok(RequestAuth { state, tag })
    }
}

#[inline]
fn attach_fixed<C>(
    keyring: &Keyring,
    credential: &Credential,
    request: &mut impl Outgoing,
) -> Result<RequestAuth<C>, AuthError> {
    if credential.is_empty() || credential.attach_parts(request)? == Attached::Nothing {
        return Ok(RequestAuth::default());
    }
    let (state, tag) = (State::Fixed, keyring.attached(credential.id()));
    Ok(RequestAuth { state, tag })
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
