//! One hop of a redirect: where it goes, and what stays behind.

use std::fmt;

use http::header::HOST;
use http::{HeaderMap, Uri};
use url::Url;

use crate::adapter::request_head::OwnedTarget;
use crate::{Account, Keyring};

/// One hop of a redirect: [`strip`](Self::strip) gives the target to ask.
#[must_use]
pub struct Hop {
    pub(super) keyring: Keyring,
    pub(super) account: Option<Account>,
    /// The target whose protection space is left.
    pub(super) left: Option<OwnedTarget>,
    pub(super) next: OwnedTarget,
    pub(super) leaves_origin: bool,
    pub(super) is_foreign: bool,
    pub(super) has_lost_keys: bool,
}

/// A request that follows a redirect, without what stays behind.
#[must_use]
pub struct Stripped<'h> {
    target: &'h OwnedTarget,
    is_foreign: bool,
}

impl Hop {
    /// Removes from `headers` what stays behind: on the way out of a protection space the caller's
    /// own credentials, every sensitive field and the fields in which a binding of that origin puts
    /// its credential.
    ///
    /// A credential of the caller that stays behind is not replaced by the keyring's.
    pub fn strip(&self, headers: &mut HeaderMap) -> Stripped<'_> {
        let before = headers.len();
        if let Some(left) = &self.left {
            left.with_head(self.account.as_ref(), |left| {
                self.keyring.remove_credentials(left, headers);
            });
        }
        let has_lost = headers.len() < before;
        if self.leaves_origin {
            headers.remove(HOST);
        }
        Stripped {
            target: &self.next,
            is_foreign: self.is_foreign || has_lost,
        }
    }

    /// Whether the hop goes to another origin than the one before it.
    #[must_use]
    pub fn leaves_origin(&self) -> bool {
        self.leaves_origin
    }

    /// Whether a credential that was attached above the redirects does not go along, so that the
    /// response says nothing about it.
    #[must_use]
    pub fn leaves_credential(&self) -> bool {
        self.has_lost_keys
    }
}

impl Stripped<'_> {
    /// The target to ask, where the redirect was described by a [`Url`].
    #[must_use]
    pub fn url(&self) -> Option<&Url> {
        self.target.as_url()
    }

    /// The target to ask, where the redirect was described by a [`Uri`].
    #[must_use]
    pub fn uri(&self) -> Option<&Uri> {
        self.target.as_uri()
    }

    /// Whether the request gets no credential of the keyring: then put
    /// [`ForeignHop`](crate::ForeignHop) among its extensions, else remove it.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.is_foreign
    }
}

/// The targets are not printed: their queries may hold a key.
impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hop")
            .field("is_foreign", &self.is_foreign)
            .field("leaves_origin", &self.leaves_origin)
            .finish_non_exhaustive()
    }
}

/// The target is not printed: its query may hold a key.
impl fmt::Debug for Stripped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripped")
            .field("is_foreign", &self.is_foreign)
            .finish_non_exhaustive()
    }
}
