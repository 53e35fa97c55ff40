//! A policy for tower-http's `FollowRedirect`, above the authentication or below it.

use std::fmt;

use http::{Extensions, HeaderMap, Method, Request};
use multi_auth::adapter::{Hop, Redirects};
use multi_auth::{ForeignHop, Keyring, RequestHead};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use crate::trail::Trail;

/// A redirect policy that leaves credentials behind when a redirect leaves their protection space.
///
/// It follows up to 10 redirects. A request that no binding serves has its origin as its protection
/// space. A hop out of the protection space loses:
///
/// - `Authorization` and cookies,
/// - every header that is marked sensitive, as all headers are that multi-auth attaches,
/// - the field in which the binding puts its credential, even if the caller set it.
///
/// Later hops do not get them back. The request's extensions stay, so each hop is served for the
/// account that the caller named.
///
/// A redirect must not borrow a credential. A hop at an origin other than the first gets no
/// credential of the keyring. Back at the first origin, only a request with a safe method (RFC
/// 9110, section 9.2.1) gets one again.
///
/// ```
/// use multi_auth::Keyring;
/// use multi_auth_tower::{AuthLayer, RedirectGuard};
/// use tower::ServiceBuilder;
/// use tower_http::follow_redirect::FollowRedirectLayer;
///
/// let keyring = Keyring::builder().build();
/// let stack = ServiceBuilder::new()
///     .layer(FollowRedirectLayer::with_policy(RedirectGuard::new(keyring.clone())))
///     .layer(AuthLayer::new(keyring));
/// ```
#[derive(Clone)]
pub struct RedirectGuard {
    keyring: Keyring,
    stop_at_other_origins: bool,
    stop_outside_protection_space: bool,
    left: u8,
    /// The redirects of the request under way.
    redirects: Option<Redirects>,
    trail: Option<Trail>,
}

impl RedirectGuard {
    /// The policy for the credentials of `keyring`.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            stop_at_other_origins: false,
            stop_outside_protection_space: false,
            left: 10,
            redirects: None,
            trail: None,
        }
    }

    /// Delivers a redirect to another origin as it is, instead of following it.
    ///
    /// A redirect between two protection spaces of one origin is followed.
    #[must_use]
    pub fn stop_at_other_origins(self) -> Self {
        Self {
            stop_at_other_origins: true,
            ..self
        }
    }

    /// Delivers a redirect out of the protection space as it is, instead of following it.
    ///
    /// Stricter than [`stop_at_other_origins`](Self::stop_at_other_origins): a redirect from
    /// `/tenant-a` to `/tenant-b` is delivered too, if the keyring binds them apart.
    #[must_use]
    pub fn stop_outside_protection_space(self) -> Self {
        Self {
            stop_outside_protection_space: true,
            ..self
        }
    }

    fn follows(&self, target: &RequestHead<'_>) -> bool {
        let Some(redirects) = &self.redirects else {
            return false;
        };
        self.left > 0 && !self.stops(redirects, target) && !redirects.shows_key(target)
    }

    fn stops(&self, redirects: &Redirects, target: &RequestHead<'_>) -> bool {
        (self.stop_at_other_origins && redirects.leaves_origin(target))
            || (self.stop_outside_protection_space && redirects.leaves_space(target))
    }
}

impl<B, E> Policy<B, E> for RedirectGuard {
    fn redirect(&mut self, attempt: &Attempt<'_>) -> Result<Action, E> {
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        let target = RequestHead::from_uri(&Method::GET, attempt.location(), &headers, &extensions);
        if !self.follows(&target) {
            return Ok(Action::Stop);
        }
        self.left -= 1;
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        let head = RequestHead::from_uri(
            request.method(),
            request.uri(),
            request.headers(),
            request.extensions(),
        );
        let Some(redirects) = &mut self.redirects else {
            self.redirects = Some(Redirects::new(&self.keyring, &head));
            self.trail = request.extensions().get().cloned();
            return;
        };
        let hop = redirects.hop(&head);
        if let Some(trail) = self.trail.as_ref().filter(|_| hop.leaves_credential()) {
            trail.leave_credential_behind();
        }
        change(request, &hop);
    }
}

/// Makes `request` the one that `hop` asks for.
fn change<B>(request: &mut Request<B>, hop: &Hop) {
    let stripped = hop.strip(request.headers_mut());
    *request.uri_mut() = stripped.uri().cloned().unwrap_or_default();
    if stripped.is_foreign() {
        request.extensions_mut().insert(ForeignHop);
    } else {
        request.extensions_mut().remove::<ForeignHop>();
    }
}

/// The targets asked so far are not printed: their queries may hold a key.
impl fmt::Debug for RedirectGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedirectGuard")
            .field("keyring", &self.keyring)
            .field("stop_at_other_origins", &self.stop_at_other_origins)
            .field(
                "stop_outside_protection_space",
                &self.stop_outside_protection_space,
            )
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
