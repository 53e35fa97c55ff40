//! Binds each credential to the scheme, host, port and path to which requests may carry it.

#![expect(
    clippy::inline_always,
    reason = "the steps of a look-up are taken one after the other by every request; called, they cost 46 instructions more"
)]

mod builder;
pub use builder::KeyringBuilder;

mod account;
pub use account::{Account, Anonymous, ForeignHop};

mod bindings;
pub use bindings::Binding;

mod protection_space;
pub use protection_space::ProtectionSpace;

pub(crate) mod ambiguity;
mod bound;
mod map;
mod origins;
mod path;
mod places;
mod redirect;
mod table;

use std::sync::Arc;

use http::Method;
use url::Url;

use self::bound::Bound;
use self::table::{Miss, Table};
use crate::telemetry::label::Label;
use crate::telemetry::metrics;
use crate::telemetry::metrics::{Meters, Tag};
use crate::{
    AuthError, Authenticator, BindingProblem, BodyNeed, BodyView, Credential, CredentialId,
    RequestHead, ResponseHead, Verdict,
};

/// Binds each credential to a protection space (RFC 9110, 11.5). No request outside it gets the
/// credential.
///
/// A request to an origin without a binding is sent unchanged, or fails if
/// [`refuse_unbound`](KeyringBuilder::refuse_unbound) is set. The adapters look up the credential
/// again for each hop of a redirect. A look-up takes the same time for any number of origins and
/// accounts.
///
/// A clone shares the bindings and the tokens in them.
///
/// A keyring is not an [`Authenticator`], so it cannot be bound in another keyring:
///
/// ```compile_fail
/// # use multi_auth::Keyring;
/// Keyring::builder().bind("https://api.example.com", Keyring::builder().build());
/// ```
///
/// ```
/// use multi_auth::{Account, ApiKey, Basic, Keyring, ProtectionSpace};
///
/// # fn main() -> Result<(), multi_auth::AuthError> {
/// let north = ProtectionSpace::new("https://api.example.com/v1")?.with_account(Account::new("north"));
/// let keyring = Keyring::builder()
///     .bind("https://workspace.alphamoon.ai", Basic::new("user", "password123")?)?
///     .bind(north, ApiKey::header("x-api-key", "k-123")?)?
///     .build();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Keyring {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    table: Table,
    authenticators: Vec<Box<dyn Authenticator>>,
    /// Indexed by the numbers of the bindings.
    labels: Box<[Label]>,
    needs: Needs,
    /// The numbers of the bindings that cover several hosts.
    domains: Box<[u32]>,
    meters: Meters,
    refuse_unbound: bool,
    replay_safe_only: bool,
}

/// What any of the authenticators needs.
#[derive(Clone, Copy, Debug)]
struct Needs {
    /// The bodies of requests.
    bodies: bool,
    /// The bodies of responses.
    responses: bool,
}

impl Keyring {
    /// Starts a keyring without bindings.
    #[must_use]
    pub fn builder() -> KeyringBuilder {
        KeyringBuilder::default()
    }

    /// Returns the credential for `request`, or `None` if it must be obtained first. The credential
    /// is empty if no binding serves the request.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unbound`] if no binding serves the request and
    /// [`refuse_unbound`](KeyringBuilder::refuse_unbound) is set, and the errors of the
    /// [`Authenticator`].
    #[must_use]
    pub fn ready(&self, request: &RequestHead<'_>) -> Option<Result<Credential, AuthError>> {
        if self.inner.needs.bodies && self.lacks_body(request) {
            return Some(Err(STREAMED));
        }
        match self.find(request) {
            Ok(Some(bound)) => bound.ready(request),
            Ok(None) => Some(Ok(Credential::empty())),
            Err(error) => Some(Err(error)),
        }
    }

    /// Obtains the credential for `request`. The credential is empty if no binding serves the
    /// request.
    ///
    /// Safe to drop at any await point: a token request that other callers wait for continues.
    ///
    /// # Errors
    ///
    /// As [`ready`](Self::ready).
    pub async fn authenticate(&self, request: &RequestHead<'_>) -> Result<Credential, AuthError> {
        if self.inner.needs.bodies && self.lacks_body(request) {
            return Err(STREAMED);
        }
        let Some(bound) = self.find(request)? else {
            return Ok(Credential::empty());
        };
        let mut credential = bound.authenticator.authenticate(request).await?;
        bound.stamp(&mut credential, request)?;
        Ok(credential)
    }

    /// Returns what the authenticator that serves `request` needs to know about the request's body.
    #[must_use]
    #[inline]
    pub fn needs_body(&self, request: &RequestHead<'_>) -> BodyNeed {
        if !self.inner.needs.bodies {
            return BodyNeed::Nothing;
        }
        self.need_of_signer(request).unwrap_or_default()
    }

    #[cold]
    fn need_of_signer(&self, request: &RequestHead<'_>) -> Option<BodyNeed> {
        if gets_no_credential(self, request) {
            return None;
        }
        let number = self.inner.table.find(request).ok()??;
        let bound = self.inner.bound(number)?;
        Some(bound.authenticator.needs_body_of(request))
    }

    /// Judges the credential `id` of a request by the `response` to it.
    #[must_use]
    pub fn judge(&self, id: &CredentialId, response: &ResponseHead<'_>) -> Verdict {
        match id.binding().and_then(|number| self.inner.bound(number)) {
            Some(bound) => bound.authenticator.judge(id, response),
            None => Verdict::Accept,
        }
    }

    /// Whether the authenticator of the credential `id` reads the body of the response.
    #[inline]
    pub(crate) fn reads_response(&self, id: &CredentialId) -> bool {
        self.inner.needs.responses && id.is_refreshable() && self.reads_response_to(id)
    }

    #[cold]
    fn reads_response_to(&self, id: &CredentialId) -> bool {
        let bound = id.binding().and_then(|number| self.inner.bound(number));
        bound.is_some_and(|bound| bound.authenticator.reads_responses())
    }

    /// Returns the base URL that the vendor's token response names, for the binding at `space`.
    /// `None` if there is no such binding, or if it is no
    /// [`BearerWithBaseUrl`](crate::BearerWithBaseUrl).
    ///
    /// # Errors
    ///
    /// Why no token was obtained.
    pub async fn base_url(&self, space: &ProtectionSpace) -> Result<Option<Url>, AuthError> {
        let number = self.inner.table.number_of(space);
        match number.and_then(|number| self.inner.bound(number)) {
            Some(bound) => bound.authenticator.base_url().await,
            None => Ok(None),
        }
    }

    /// Whether the binding of the credential `id` covers several hosts.
    #[inline]
    pub(crate) fn has_subdomains(&self, id: &CredentialId) -> bool {
        let domains = &self.inner.domains;
        !domains.is_empty() && id.binding().is_some_and(|number| domains.contains(&number))
    }

    /// Whether a request with this method is replayed after a refresh.
    pub(crate) fn replays(&self, method: &Method) -> bool {
        !self.inner.replay_safe_only || method.is_safe()
    }

    /// Counts that the credential `id` was attached, and returns its label.
    #[inline]
    pub(crate) fn attached(&self, id: &CredentialId) -> Tag {
        self.inner.meters.attached(id)
    }

    /// The binding for `request`, if there is one.
    #[inline(always)]
    fn find(&self, request: &RequestHead<'_>) -> Result<Option<Bound<'_>>, AuthError> {
        if request.has_extensions() && gets_no_credential(self, request) {
            count_foreign_hop(request);
            return Ok(None);
        }
        match self.inner.table.find(request) {
            Ok(Some(number)) => Ok(self.inner.bound(number)),
            missed => self.unbound(request, missed.err()).map(|()| None),
        }
    }

    /// Whether the authenticator needs the bytes of a body that is a stream.
    #[cold]
    fn lacks_body(&self, request: &RequestHead<'_>) -> bool {
        matches!(request.body(), BodyView::Stream) && self.needs_body(request) == BodyNeed::Bytes
    }

    /// The result for a request without a binding.
    #[cold]
    #[inline(never)]
    fn unbound(&self, request: &RequestHead<'_>, miss: Option<Miss>) -> Result<(), AuthError> {
        let outcome = match miss {
            Some(miss) => Err(miss.into_error(request)),
            None if self.inner.refuse_unbound => Err(AuthError::Unbound {
                origin: request.shown_origin(),
                problem: BindingProblem::NoBinding,
            }),
            None => Ok(()),
        };
        metrics::blocked(&outcome);
        outcome
    }
}

const STREAMED: AuthError = AuthError::Attach {
    what: "its scheme signs the bytes of the body, but the body is a stream (give bytes, or buffer it in the layer)",
};

/// Whether the request gets no credential: the caller opted out, or a redirect chose its target.
#[inline(never)]
fn gets_no_credential(keyring: &Keyring, request: &RequestHead<'_>) -> bool {
    if request.extension::<Anonymous>().is_some() {
        return true;
    }
    request.extension::<ForeignHop>().is_some()
        // `refuse_unbound` also applies to a hop to an origin without bindings.
        && !matches!(keyring.inner.table.find(request), Ok(None))
}

#[cold]
fn count_foreign_hop(request: &RequestHead<'_>) {
    if request.extension::<Anonymous>().is_none() {
        metrics::foreign_hop();
    }
}

#[cfg(test)]
mod tests;
