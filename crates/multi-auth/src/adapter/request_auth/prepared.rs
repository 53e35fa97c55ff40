//! A request and the credential that it is to carry.

use std::fmt;

use super::asked::{Asked, Request};
use super::tracked::Tracked;
use super::{RequestAuth, State};
use crate::adapter::Outgoing;
use crate::credential::Attached;
use crate::{AuthError, Credential, CredentialId, Keyring, QueryKeys, RequestHead};

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
        let Self {
            credential,
            attempt,
        } = self;
        let attached = credential.attach_parts(request)?;
        let (keyring, request, history) = match attempt {
            Attempt::Fixed(_) if attached == Attached::Nothing => return Ok(RequestAuth::default()),
            Attempt::Fixed(keyring) => {
                let (state, tag) = (State::Fixed, keyring.attached(credential.id()));
                return Ok(RequestAuth { state, tag });
            }
            Attempt::First(keyring, request) => (keyring.clone(), request, None),
            Attempt::Again(asked) => (asked.keyring, asked.request, asked.history),
        };
        let Some((id, query_keys)) = judged(&credential, attached) else {
            return Ok(RequestAuth::default());
        };
        let tag = keyring.attached(&id);
        let asked = Asked {
            keyring,
            request,
            history,
        };
        let state = State::Tracked(Box::new(Tracked {
            asked,
            id,
            copy,
            query_keys,
        }));
        Ok(RequestAuth { state, tag })
    }
}

/// What of `credential` the response is about, and its keys in the query; `None` if nothing.
#[inline]
fn judged(
    credential: &Credential,
    attached: Attached,
) -> Option<(CredentialId, Option<QueryKeys>)> {
    let id = credential.id();
    match attached {
        Attached::All => Some((id.clone(), credential.query_keys())),
        Attached::AllBut(missing) => Some((id.without(&missing), credential.query_keys())),
        // What only watches the response has no attachment to lose.
        Attached::Nothing if credential.is_empty() => Some((id.clone(), None)),
        Attached::Nothing => {
            let all: Vec<_> = (0..credential.count()).collect();
            let id = id.without(&all);
            id.is_refreshable().then_some((id, None))
        }
    }
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
