//! A policy for tower-http's `FollowRedirect`, above the authentication or below it.

use std::fmt;

use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, Request, Uri};
use multi_auth::adapter::{Hop, Redirects};
use multi_auth::{ForeignHop, Keyring, RequestHead};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use crate::trail::Trail;

/// A redirect policy that leaves credentials behind when a redirect leaves their scope.
///
/// It follows up to 10 redirects. Out of the scope of the binding that served the request so far
/// (or out of its origin, where none did), it takes off `Authorization`, cookies and every header
/// that is marked sensitive, as all are that multi-auth attaches, and the field where the scope's
/// credential stands, whoever set it. What it took off stays off. The request's extensions stay, so that
/// a hop is served for the account that the caller named. A hop at an origin other than the first gets
/// no credential of the keyring's: whoever redirects must not borrow it. Nor may another origin say what
/// is to be done at the first: sent back there, only a request of a safe method (RFC 9110, 9.2.1) gets
/// the credential again.
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
            left: 10,
            redirects: None,
            trail: None,
        }
    }

    /// Delivers a redirect to another origin as it is, in place of following it.
    #[must_use]
    pub fn stop_at_other_origins(self) -> Self {
        Self {
            stop_at_other_origins: true,
            ..self
        }
    }

    fn follows(&self, target: &RequestHead<'_>) -> bool {
        let Some(redirects) = &self.redirects else {
            return false;
        };
        let stops = self.stop_at_other_origins && redirects.leaves_origin(target);
        self.left > 0 && !stops && !redirects.shows_key(target)
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
        let hop = redirects.hop(&head, request.method());
        if let Some(trail) = self.trail.as_ref().filter(|_| hop.leaves_credential()) {
            trail.leave_credential_behind();
        }
        change(request, &hop);
    }
}

/// Makes `request` the one that `hop` asks for.
fn change<B>(request: &mut Request<B>, hop: &Hop) {
    let is_foreign = hop.strip(request.headers_mut());
    if let Some(target) = hop.changed_target() {
        let target = PathAndQuery::try_from(target);
        let mut parts = std::mem::take(request.uri_mut()).into_parts();
        parts.path_and_query = Some(target.unwrap_or(PathAndQuery::from_static("/")));
        // Its scheme and authority were valid before.
        *request.uri_mut() = Uri::from_parts(parts).unwrap_or_default();
    }
    if is_foreign {
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
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
