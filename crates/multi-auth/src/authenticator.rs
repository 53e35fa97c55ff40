//! The trait that every scheme implements.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;

use crate::{
    AuthError, Credential, CredentialId, Placement, RequestHead, ResponseHead, TokenSnapshot,
    Verdict,
};

/// Chooses the credential of a request, and judges the response to it.
///
/// `Box<T>`, `Arc<T>` and `&T` of an authenticator are authenticators.
///
/// [`ready`](Self::ready) returns a credential that is available now, without a future.
/// [`authenticate`](Self::authenticate) obtains one, such as a token. An authenticator *returns*
/// what to attach and never writes to the request, so an error leaves the request unchanged.
///
/// # Example
///
/// A scheme whose credential needs no refresh implements two methods. Build the credential once and
/// return clones: a clone allocates nothing.
///
/// ```
/// use http::{HeaderName, HeaderValue};
/// use multi_auth::{AuthError, Authenticator, Credential, Placement, RequestHead};
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
///
///     fn placements(&self) -> Vec<Placement> {
///         Placement::header("x-tenant").into_iter().collect()
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticator: fmt::Debug + Send + Sync {
    /// Returns the credential for `request`, or `None` if it must be obtained first.
    ///
    /// Never blocks. The schemes of this crate do not allocate here, with two exceptions:
    /// [`AllOf`](crate::AllOf), and the copy that each thread gets when several threads share a
    /// credential.
    ///
    /// If the request already has a credential in this place, the caller's wins:
    /// [`Credential::attach`] does not replace it. A scheme that would have to fetch a token
    /// fetches none and returns [`Credential::empty`].
    fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>>;

    /// Obtains the credential for `request`. Waits until it is available.
    ///
    /// Safe to drop at any await point: a token request that other callers wait for continues.
    ///
    /// # Errors
    ///
    /// Why the credential is not available. The default calls [`ready`](Self::ready), and turns
    /// `None` into [`AuthError::NotReady`].
    async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        self.ready(request).unwrap_or(Err(AuthError::NotReady))
    }

    /// Judges the credential `id` of a request by the `response` to it.
    ///
    /// Called for every response to a request whose ID is
    /// [refreshable](CredentialId::is_refreshable), success included. It must be cheap. The default
    /// accepts.
    fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        let _ = (id, response);
        Verdict::Accept
    }

    /// Returns the places in which this authenticator puts its credentials.
    ///
    /// Called once, when a keyring binds the authenticator. A redirect to another origin removes
    /// these places from the request, even if the caller filled them. `Authorization`, cookies and
    /// values marked sensitive are removed in any case.
    fn placements(&self) -> Vec<Placement>;

    /// Returns what this authenticator needs to know about the request's body. Default: nothing.
    ///
    /// Called when a keyring binds the authenticator: if it returns `Nothing` then, it must always
    /// do so.
    fn needs_body(&self) -> BodyNeed {
        BodyNeed::Nothing
    }

    /// Returns what this authenticator needs to know about the body of `request`. Default: nothing
    /// if the caller set one of its [`placements`](Self::placements), otherwise
    /// [`needs_body`](Self::needs_body).
    ///
    /// An authenticator that contains others asks each of them.
    fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
        let need = self.needs_body();
        let is_taken = |placement: &Placement| placement.is_taken(request);
        if need != BodyNeed::Nothing && self.placements().iter().any(is_taken) {
            return BodyNeed::Nothing;
        }
        need
    }

    /// Whether this authenticator checks the host of each request by itself. Default: no.
    ///
    /// Only such an authenticator is bound to a protection space with subdomains. It must return an
    /// error for a host that its credential is not for, as
    /// [`BearerWithBaseUrl`](crate::BearerWithBaseUrl) does.
    fn checks_host(&self) -> bool {
        false
    }

    /// Returns the base URL of requests, if the vendor's token response names it. Default: `None`.
    ///
    /// # Errors
    ///
    /// Why no token was obtained.
    async fn base_url(&self) -> Result<Option<Url>, AuthError> {
        Ok(None)
    }

    /// Whether [`judge`](Self::judge) reads [`ResponseHead::json_text`]. Default: no.
    ///
    /// The adapter then reads a JSON body of at most 64 KiB before it delivers the response. An
    /// adapter that cannot do so fails the request before it is sent.
    ///
    /// Called when a keyring binds the authenticator: if it returns `false` then, it must always do
    /// so.
    fn reads_responses(&self) -> bool {
        false
    }

    /// Returns the state of its token, for status pages. Default: `None`.
    fn token_snapshot(&self) -> Option<TokenSnapshot> {
        None
    }
}

/// What an [`Authenticator`] needs to know about a request's body, for example to sign it.
///
/// The variants are in ascending order: an [`AllOf`](crate::AllOf) needs the maximum of its parts.
///
/// ```
/// use multi_auth::BodyNeed;
///
/// assert_eq!(BodyNeed::Digest.max(BodyNeed::Bytes), BodyNeed::Bytes);
/// assert_eq!(BodyNeed::default(), BodyNeed::Nothing);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BodyNeed {
    /// Nothing. [`RequestHead::body`] may then say "stream" for a body in memory.
    #[default]
    Nothing,
    /// The bytes if they are in memory, to compute a digest. For a stream, the scheme decides: it
    /// sends an unsigned payload or fails.
    Digest,
    /// The bytes. A streamed body is an error, and the scheme is not called.
    Bytes,
}

/// A pointer to an authenticator forwards each method.
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

            fn needs_body_of(&self, request: &RequestHead<'_>) -> BodyNeed {
                (**self).needs_body_of(request)
            }

            fn checks_host(&self) -> bool {
                (**self).checks_host()
            }

            async fn base_url(&self) -> Result<Option<Url>, AuthError> {
                (**self).base_url().await
            }

            fn reads_responses(&self) -> bool {
                (**self).reads_responses()
            }

            fn token_snapshot(&self) -> Option<TokenSnapshot> {
                (**self).token_snapshot()
            }
        }
    )+};
}

forward!(Arc<T>, Box<T>, &T);
