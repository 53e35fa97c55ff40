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
pub struct Prepared<'k, C> {
    credential: Credential,
    attempt: Attempt<'k, C>,
}

enum Attempt<'k, C> {
    /// The credential cannot be refreshed: nothing is kept for the response.
    Fixed(&'k Keyring),
    /// The response is judged, or a key goes into the target's query.
    Tracked(Box<Tracked<C>>),
}

impl<'k, C> Prepared<'k, C> {
    #[inline]
    pub(super) fn new(
        keyring: &'k Keyring,
        credential: Credential,
        head: &RequestHead<'_>,
        copy: impl FnOnce() -> Option<C>,
    ) -> Self {
        let attempt = if credential.is_judged() || credential.is_in_query() {
            let asked = Asked::new(keyring, head, &credential);
            Attempt::Tracked(Box::new(Tracked::new(asked, &credential, copy)))
        } else {
            Attempt::Fixed(keyring)
        };
        Self {
            credential,
            attempt,
        }
    }

    /// The next attempt at the request that was `asked`.
    pub(super) fn again(
        asked: Asked,
        credential: Credential,
        copy: impl FnOnce() -> Option<C>,
    ) -> Self {
        let tracked = Box::new(Tracked::new(asked, &credential, copy));
        let attempt = Attempt::Tracked(tracked);
        Self {
            credential,
            attempt,
        }
    }

    /// Puts the credential on `request`, except where the caller set one: then the response says
    /// nothing about the keyring's.
    ///
    /// # Errors
    ///
    /// As [`Credential::attach`].
    #[inline]
    pub fn attach(self, request: &mut impl Outgoing) -> Result<RequestAuth<C>, AuthError> {
        let attached = self.credential.attach_parts(request)?;
        let (state, tag) = match self.attempt {
            Attempt::Fixed(_) if attached == Attached::Nothing => {
                return Ok(RequestAuth::default());
            }
            Attempt::Fixed(keyring) => (State::Fixed, keyring.attached(self.credential.id())),
            Attempt::Tracked(mut tracked) => {
                if !tracked.is_judged(&self.credential, attached) {
                    return Ok(RequestAuth::default());
                }
                let tag = tracked.asked.keyring.attached(&tracked.id);
                (State::Tracked(tracked), tag)
            }
        };
        Ok(RequestAuth { state, tag })
    }
}

impl<C> fmt::Debug for Prepared<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}
