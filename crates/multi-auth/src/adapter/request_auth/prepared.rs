//! A request and the credential that it is to carry.

use std::fmt;

use super::asked::Asked;
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
    kept: Kept<'k>,
}

/// What is kept until the response.
enum Kept<'k> {
    /// Nothing: the credential cannot be refreshed.
    Nothing(&'k Keyring),
    /// The response is judged, or a key goes into the query.
    Asked(Asked),
}

impl<'k> Prepared<'k> {
    #[inline]
    pub(super) fn new(
        keyring: &'k Keyring,
        credential: Credential,
        head: &RequestHead<'_>,
    ) -> Self {
        let kept = if credential.is_judged() || credential.is_in_query() {
            Kept::Asked(Asked::new(keyring, &credential, head))
        } else {
            Kept::Nothing(keyring)
        };
        Self { credential, kept }
    }

    /// The next attempt at the request that was `asked`.
    pub(super) fn again(asked: Asked, credential: Credential) -> Self {
        let kept = Kept::Asked(asked);
        Self { credential, kept }
    }

    /// Whether [`attach`](Self::attach) wants a copy of the request.
    #[must_use]
    #[inline]
    pub fn keeps_copy(&self) -> bool {
        match &self.kept {
            Kept::Nothing(_) => false,
            Kept::Asked(asked) => self.credential.is_judged() && asked.keeps_copy(),
        }
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
        match self.kept {
            Kept::Nothing(keyring) => attach_fixed(keyring, self.credential, request),
            Kept::Asked(asked) => {
                let tracked = Tracked::attach(asked, self.credential, request, copy)?;
                Ok(tracked.map_or_else(RequestAuth::default, |tracked| {
                    let tag = tracked.asked.keyring.attached(&tracked.id);
                    let state = State::Tracked(Box::new(tracked));
                    RequestAuth { state, tag }
                }))
            }
        }
    }
}

#[inline]
fn attach_fixed<C>(
    keyring: &Keyring,
    credential: Credential,
    request: &mut impl Outgoing,
) -> Result<RequestAuth<C>, AuthError> {
    if credential.is_empty() {
        return Ok(RequestAuth::default());
    }
    let id = credential.id().clone();
    if credential.attach_parts(request)? == Attached::Nothing {
        return Ok(RequestAuth::default());
    }
    let (state, tag) = (State::Fixed, keyring.attached(&id));
    Ok(RequestAuth { state, tag })
}

impl fmt::Debug for Prepared<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
