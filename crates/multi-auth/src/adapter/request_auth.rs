//! The decisions about one request: which copy is kept, what a response means, whether the request
//! is replayed.
//!
//! There is no I/O in here. [`send`](super::send) is the driver: it carries the decisions out over
//! an
//! [`HttpClient`](super::HttpClient). An adapter that cannot use it takes the same steps:
//!
//! ```text
//! prepare -> attach -> check_reads -> send -> on_response -> Deliver
//!                                         \-> Refresh -> begin -> finish -> Replay -> attach ...
//!                                                      \-> Deliver   \-> Deliver | Fail
//! ```

mod asked;
mod prepared;
mod refreshing;
mod tracked;
mod verdict;
pub use prepared::Prepared;
pub use refreshing::{AfterRefresh, Refreshing};

use std::fmt;

use http::{HeaderMap, StatusCode};

use self::tracked::Tracked;
use crate::adapter::outcome::{NotReplayed, Outcome};
use crate::telemetry::metrics::Tag;
use crate::{AuthError, Credential, Keyring, QueryKeys, Rejection, RequestHead, ResponseHead};

const UNREAD: AuthError = AuthError::Attach {
    what: "its scheme reads the bodies of responses, and this adapter does not (with tower, use `AuthLayer::read_responses`)",
};

/// A request that carries its credential, until its response is delivered.
///
/// `C` is the copy of the request from which a replay is made.
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
    /// Keep it, obtain a new credential for the copied request from the keyring, and ask
    /// [`Refreshing::finish`].
    Refresh(Refreshing, C),
}

impl<C> Default for RequestAuth<C> {
    /// A request that carries no credential of the keyring.
    fn default() -> Self {
        Self {
            state: State::Silent,
            tag: Tag::UNLABELLED,
        }
    }
}

impl<C> RequestAuth<C> {
    /// The request behind `head`, and the `credential` that `keyring` gave for it.
    ///
    /// `copy` makes what a replay needs of the request. It is called if the credential can be
    /// refreshed; without a copy there is no replay.
    #[inline]
    pub fn prepare<'k>(
        keyring: &'k Keyring,
        credential: Credential,
        head: &RequestHead<'_>,
        copy: impl FnOnce() -> Option<C>,
    ) -> Prepared<'k, C> {
        Prepared::new(keyring, credential, head, copy)
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

    /// The keys that were put into the target's query. Remove them from the URLs that are shown;
    /// [`redact`](Self::redact) removes them from a redirect's `Location`.
    #[must_use]
    #[inline]
    pub fn query_keys(&self) -> Option<&QueryKeys> {
        match &self.state {
            State::Silent | State::Fixed => None,
            State::Tracked(tracked) => tracked.query_keys.as_ref(),
        }
    }

    /// Whether the response's JSON body must be read before [`on_response`](Self::on_response): see
    /// [`Authenticator::reads_responses`](crate::Authenticator::reads_responses).
    #[must_use]
    #[inline]
    pub fn reads_response(&self) -> bool {
        match &self.state {
            State::Silent | State::Fixed => false,
            State::Tracked(tracked) => tracked.reads_response(),
        }
    }

    /// Fails if the response must be read and the adapter cannot do so. Call it before the request
    /// is sent.
    ///
    /// # Errors
    ///
    /// [`AuthError::Attach`].
    #[inline]
    pub fn check_reads(&self, can_read: bool) -> Result<(), AuthError> {
        if !can_read && self.reads_response() {
            return Err(UNREAD);
        }
        Ok(())
    }

    /// Removes the keys of the query from the `Location` in `headers`, those of the response.
    #[inline]
    pub fn redact(&self, headers: &mut HeaderMap) {
        if let State::Tracked(tracked) = &self.state
            && let Some(keys) = &tracked.query_keys
        {
            tracked.asked.redact(keys, headers);
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
            State::Tracked(tracked) => tracked.asked.covers(&tracked.id, request),
        }
    }

    /// What to do with `response`.
    #[must_use]
    #[inline]
    pub fn on_response(self, response: &ResponseHead<'_>) -> Next<C> {
        match self.state {
            State::Silent => Next::Deliver(None),
            State::Fixed => Next::Deliver(fixed_outcome(self.tag, response.status())),
            State::Tracked(tracked) => verdict::on_response(tracked, self.tag, response),
        }
    }

    /// What to deliver with a response that came from outside the credential's protection space,
    /// and so says nothing about the credential.
    #[must_use]
    pub fn on_foreign_response(&self, status: StatusCode) -> Option<Outcome> {
        let is_refused = status == StatusCode::UNAUTHORIZED;
        let history = match &self.state {
            State::Silent | State::Fixed => None,
            State::Tracked(tracked) => tracked.asked.history,
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
            Self::Refresh(refreshing, _) => f.debug_tuple("Refresh").field(refreshing).finish(),
        }
    }
}

#[cfg(test)]
mod tests;
