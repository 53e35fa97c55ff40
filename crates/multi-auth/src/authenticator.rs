//! The one trait behind which every scheme stands.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::{AuthError, Credential, CredentialId, Placement, RequestHead, ResponseHead, Verdict};

/// Says which credential a request gets, and what an answer says about that credential.
///
/// `Box<T>`, `Arc<T>` and `&T` of an authenticator are authenticators.
///
/// What is at hand is handed over by [`ready`](Self::ready), synchronously. Only what must be
/// fetched pays for a future. An authenticator *returns* what to attach and never writes to the
/// request: an error leaves the request untouched.
///
/// # Example
///
/// A scheme of your own is one method when its credential needs no refresh. Built once and handed
/// out as clones, a credential costs no allocation:
///
/// ```
/// use http::{HeaderName, HeaderValue};
/// use multi_auth::{AuthError, Authenticator, Credential, RequestHead};
///
/// #[derive(Debug)]
/// struct Tenant(Credential);
///
/// impl Tenant {
///     fn new(name: &'static str) -> Self {
///         let field = HeaderName::from_static("x-tenant");
///         Self(Credential::header(field, HeaderValue::from_static(name)))
///     }
/// }
///
/// impl Authenticator for Tenant {
///     fn ready(&self, _: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
///         Some(Ok(self.0.clone()))
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticator: fmt::Debug + Send + Sync {
    /// The credential at hand for `request`, or `None` when one must first be obtained.
    ///
    /// Never blocks. The schemes of this crate allocate nothing for a credential at hand, but for a
    /// [`AllOf`](crate::AllOf), and for copies where several threads begin to share it. Where the request already
    /// carries what this authenticator would set, the caller's own wins: [`Credential::attach`]
    /// leaves it alone, and what would have to be fetched is not, so that the answer is
    /// [`Credential::empty`].
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>>;

    /// Obtains the credential for `request`, waiting for as long as that takes.
    ///
    /// Safe to drop at any await: what was started for other callers goes on.
    ///
    /// # Errors
    ///
    /// Whatever kept the credential from being had. The default, for schemes that always have
    /// theirs at hand, gives [`AuthError::NotReady`] where [`ready`](Self::ready) gives `None`.
    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        self.ready(request).unwrap_or(Err(AuthError::NotReady))
    }

    /// What `response` says about the credential that the request carried under `id`.
    ///
    /// Asked about every answer to a request whose id is
    /// [refreshable](CredentialId::is_refreshable), so it is synchronous and cheap. The default
    /// accepts.
    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let _ = (id, response);
        Verdict::Accept
    }

    /// Where this authenticator puts its credentials.
    ///
    /// A keyring asks once, when it is bound: what stands in these places stays behind when a
    /// redirect leaves the origin, whoever put it there. The default names none; `Authorization`,
    /// cookies and values marked sensitive stay behind in any case.
    fn placements(&self) -> Vec<Placement> {
        Vec::new()
    }

    /// What this authenticator needs to know of the request's body. The default needs nothing.
    ///
    /// A keyring asks when it is bound: the answer must not change from nothing to something.
    fn needs_body(&self) -> BodyNeed {
        BodyNeed::Nothing
    }
}

/// What an [`Authenticator`] needs to know of a request's body, as to sign it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BodyNeed {
    /// Nothing: [`RequestHead::body`] may be a stream although the body is in memory.
    #[default]
    Nothing,
    /// The bytes where they are in memory, to compute a digest. For a stream the scheme decides: it
    /// signs an unsigned payload, or fails.
    Digest,
    /// The bytes. A stream is an error before the scheme is asked.
    Bytes,
}

/// A pointer to an authenticator is one: it forwards each method.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        #[async_trait]
        impl<T: Authenticator + ?Sized> Authenticator for $pointer {
            fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
                (**self).ready(request)
            }

            async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
                (**self).authenticate(request).await
            }

            fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
                (**self).judge(id, response)
            }

            fn placements(&self) -> Vec<Placement> {
                (**self).placements()
            }

            fn needs_body(&self) -> BodyNeed {
                (**self).needs_body()
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
