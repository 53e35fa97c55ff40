//! The decisions about one request: which copy is kept, what a response means, whether the request
//! is replayed.
//!
//! There is no I/O in here. [`send`](super::send) is the driver that carries the decisions out over
//! an
//! [`HttpClient`](super::HttpClient); an adapter that cannot use it goes through the same steps:
//!
//! ```text
//! new -> attach -> send -> on_response -> Deliver
//!                                     \-> Refresh -> finish -> Replay -> attach -> send -> on_response ...
//!                                                          \-> Deliver | Fail
//! ```

mod refreshing;
mod tracked;
pub use refreshing::{AfterRefresh, Refreshing, Replay};

use std::fmt;

use http::{HeaderMap, StatusCode};

use self::tracked::Tracked;
use crate::adapter::Outgoing;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::credential::Attached;
use crate::telemetry::metrics::Tag;
use crate::{
    AuthError, Credential, Keyring, QueryKeys, Rejection, RequestHead, ResponseHead, Verdict,
};

/// One request, from the credential it got to the response that is delivered.
///
/// `C` is the copy of the request that a replay sends.
pub struct RequestAuth<C> {
    state: State<C>,
    /// Whose credential it is, for metrics.
    tag: Tag,
}

/// Small where nothing can be refreshed, which is the usual case.
enum State<C> {
    /// The request carries no credential of the keyring: its response says nothing about one.
    Silent,
    /// The request carries a key that cannot be refreshed.
    Fixed,
    /// The response is judged, or a key is in the query.
    Tracked(Box<Tracked<C>>),
}

/// What to do with a response.
pub enum Next<C> {
    /// Deliver it, with the outcome among its extensions if there is one.
    Deliver(Option<Outcome>),
    /// Keep it, obtain a new credential from the keyring, and ask [`Refreshing::finish`].
    Refresh(Refreshing<C>),
}

impl<C> Default for RequestAuth<C> {
    /// A request that carries no credential of the keyring.
    fn default() -> Self {
        Self::in_state(State::Silent)
    }
}

impl<C> RequestAuth<C> {
    /// The request behind `head`, which is to carry `credential`, obtained from `keyring`.
    #[must_use]
    #[inline]
    pub fn new(keyring: &Keyring, credential: &Credential, head: &RequestHead<'_>) -> Self {
        Self::in_state(if credential.is_judged() || credential.is_in_query() {
            State::Tracked(Box::new(Tracked::new(keyring, credential, head)))
        } else if credential.is_empty() {
            State::Silent
        } else {
            State::Fixed
        })
    }

    fn in_state(state: State<C>) -> Self {
        let tag = Tag::UNLABELLED;
        Self { state, tag }
    }

    /// Whether [`attach`](Self::attach) wants a copy of the request.
    #[must_use]
    #[inline]
    pub fn keeps_copy(&self) -> bool {
        match &self.state {
            State::Silent | State::Fixed => false,
            State::Tracked(tracked) => tracked.keeps_copy(),
        }
    }

    /// Puts `credential` of `keyring` on `request`, except where the caller set one: then the
    /// response says nothing about the keyring's. `copy` is the request as it was before.
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
        copy: Option<C>,
    ) -> Result<(), AuthError> {
        if let State::Tracked(tracked) = &mut self.state {
            if tracked.attach(credential, request, copy)? {
                self.tag = keyring.attached(&tracked.id);
            } else {
                self.state = State::Silent;
            }
            return Ok(());
        }
        if credential.is_empty() {
            return Ok(());
        }
        let id = credential.id().clone();
        if credential.attach_parts(request)? == Attached::Nothing {
            self.state = State::Silent;
        } else {
            self.state = State::Fixed;
            self.tag = keyring.attached(&id);
        }
        Ok(())
    }

    /// The copy of the request that is kept for a replay.
    #[must_use]
    pub fn copy(&self) -> Option<&C> {
        match &self.state {
            State::Silent | State::Fixed => None,
            State::Tracked(tracked) => tracked.copy.as_ref(),
        }
    }

    /// Whether the request carries a credential whose response is judged, or a key in its query.
    #[must_use]
    #[inline]
    pub fn is_tracked(&self) -> bool {
        matches!(self.state, State::Tracked(_))
    }

    /// Whether the request carries a credential of the keyring.
    #[must_use]
    #[inline]
    pub fn is_attached(&self) -> bool {
        !matches!(self.state, State::Silent)
    }

    /// The keys that were put into the target's query. They must be taken out of a redirect's
    /// `Location` and out of URLs that are shown.
    #[must_use]
    #[inline]
    pub fn query_keys(&self) -> Option<&QueryKeys> {
        match &self.state {
            State::Silent | State::Fixed => None,
            State::Tracked(tracked) => tracked.query_keys.as_ref(),
        }
    }

    /// Removes the keys of the query from the `Location` in `headers`, those of the response.
    #[inline]
    pub fn redact(&self, headers: &mut HeaderMap) {
        if let State::Tracked(tracked) = &self.state {
            tracked.redact(headers);
        }
    }

    /// Whether the credential serves the protection space that `request` is in.
    ///
    /// Where a client below the adapter follows redirects, `request` is what that client asked
    /// last.
    #[must_use]
    pub fn covers(&self, request: &RequestHead<'_>) -> bool {
        match &self.state {
            State::Silent | State::Fixed => true,
            State::Tracked(tracked) => tracked.covers(request),
        }
    }

    /// What to do with `response`.
    #[must_use]
    #[inline]
    pub fn on_response(self, response: &ResponseHead<'_>) -> Next<C> {
        match self.state {
            State::Silent => Next::Deliver(None),
            State::Fixed => Next::Deliver(fixed_outcome(self.tag, response.status())),
            State::Tracked(tracked) => match tracked.judge(response) {
                Verdict::Accept => Next::Deliver(tracked.accepted(self.tag, response.status())),
                verdict => tracked.on_refusal(self.tag, response.status(), verdict),
            },
        }
    }

    /// What to deliver with a response that came from outside the credential's protection space,
    /// and so says nothing about the credential.
    #[must_use]
    pub fn on_foreign_response(&self, status: StatusCode) -> Option<Outcome> {
        let is_refused = status == StatusCode::UNAUTHORIZED;
        let history = match &self.state {
            State::Silent | State::Fixed => None,
            State::Tracked(tracked) => tracked.history(),
        };
        match history {
            Some(history) => Some(history.replayed_elsewhere(self.tag, is_refused)),
            None if is_refused => {
                let why = NotReplayed::ForeignOrigin;
                Some(Outcome::refused(self.tag, status, why))
            }
            None => None,
        }
    }
}

fn fixed_outcome(tag: Tag, status: StatusCode) -> Option<Outcome> {
    (status == StatusCode::UNAUTHORIZED).then(|| {
        let why = NotReplayed::Rejected(Rejection::FixedKey);
        Outcome::refused(tag, status, why)
    })
}

/// The copy of the request is not printed: its query and header fields may hold a key.
impl<C> fmt::Debug for RequestAuth<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestAuth")
            .field("is_attached", &self.is_attached())
            .field("is_tracked", &self.is_tracked())
            .finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Next<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deliver(outcome) => f.debug_tuple("Deliver").field(outcome).finish(),
            Self::Refresh(refreshing) => f.debug_tuple("Refresh").field(refreshing).finish(),
        }
    }
}

#[cfg(test)]
mod tests;
