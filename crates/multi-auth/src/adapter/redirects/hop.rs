//! One hop of a redirect: where it goes, and what stays behind.

use std::fmt;

use http::HeaderMap;
use http::header::HOST;

use crate::adapter::request_head::OwnedTarget;
use crate::{Account, Keyring};

/// One hop of a redirect. Apply both [`strip`](Self::strip) and [`changed_target`](Self::changed_target).
#[must_use]
pub struct Hop {
    pub(super) keyring: Keyring,
    pub(super) account: Option<Account>,
    /// The target whose protection space is left.
    pub(super) left: Option<OwnedTarget>,
    pub(super) changed_target: Option<String>,
    pub(super) leaves_origin: bool,
    pub(super) is_foreign: bool,
    pub(super) has_lost_keys: bool,
}

impl Hop {
    /// The path and query to ask, if keys had to be removed from the target.
    #[must_use]
    pub fn changed_target(&self) -> Option<&str> {
        self.changed_target.as_deref()
    }

    /// Removes from `headers` what stays behind: on the way out of a protection space the caller's own credentials, every
    /// sensitive field and the fields in which a binding of that origin puts its credential.
    ///
    /// The result tells whether the hop gets no credential of the keyring: then put [`ForeignHop`](crate::ForeignHop) among
    /// its extensions, else remove it. A credential of the caller that stays behind is not replaced by the keyring's.
    pub fn strip(&self, headers: &mut HeaderMap) -> bool {
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
        self.is_foreign || has_lost
    }

    /// Whether the hop goes to another origin than the one before it.
    #[must_use]
    pub fn leaves_origin(&self) -> bool {
        self.leaves_origin
    }

    /// Whether a credential that was attached above the redirects does not go along, so that the response says nothing
    /// about it.
    #[must_use]
    pub fn leaves_credential(&self) -> bool {
        self.has_lost_keys
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
