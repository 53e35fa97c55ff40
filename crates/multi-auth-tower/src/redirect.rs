//! A policy for tower-http's `FollowRedirect`, above the authentication or below it.

use http::{Extensions, HeaderMap, Method, Request, Uri};
use multi_auth::{Account, ForeignHop, Keyring, RequestHead, remove_credentials};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

/// A redirect policy that leaves credentials behind when a redirect leaves their scope.
///
/// It follows up to 10 redirects. Out of the scope of the binding that served the request so far
/// (or out of its origin, where none did), it takes off `Authorization`, cookies and every header
/// that is marked sensitive, as all are that multi-auth attaches. What it took off stays off. The
/// request's extensions stay, so that a hop is served for the account that the caller named. A hop at
/// an origin other than the first gets no credential of the keyring's: whoever redirects must not
/// borrow it.
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
#[derive(Clone, Debug)]
pub struct RedirectGuard {
    keyring: Keyring,
    stop_at_other_origins: bool,
    left: u8,
    /// What was asked first and last, and for which account.
    way: Option<Way>,
}

#[derive(Clone, Debug)]
struct Way {
    home: Uri,
    last: Uri,
    account: Option<Account>,
}

impl RedirectGuard {
    /// The policy for the credentials of `keyring`.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            stop_at_other_origins: false,
            left: 10,
            way: None,
        }
    }

    /// Delivers a redirect out of a credential's scope as it is, in place of following it.
    #[must_use]
    pub fn stop_at_other_origins(self) -> Self {
        Self {
            stop_at_other_origins: true,
            ..self
        }
    }

    fn crosses(&self, from: &Uri, to: &Uri, account: Option<&Account>) -> bool {
        let (headers, mut extensions) = (HeaderMap::new(), Extensions::new());
        if let Some(account) = account {
            extensions.insert(account.clone());
        }
        let head = |uri| RequestHead::from_uri(&Method::GET, uri, &headers, &extensions);
        !self.keyring.same_scope(&head(from), &head(to))
    }
}

impl<B, E> Policy<B, E> for RedirectGuard {
    fn redirect(&mut self, attempt: &Attempt<'_>) -> Result<Action, E> {
        let account = self.way.as_ref().and_then(|way| way.account.as_ref());
        let crosses = self.crosses(attempt.previous(), attempt.location(), account);
        if self.left == 0 || (crosses && self.stop_at_other_origins) {
            return Ok(Action::Stop);
        }
        self.left -= 1;
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        let Some(mut way) = self.way.take() else {
            self.way = Some(Way {
                home: request.uri().clone(),
                last: request.uri().clone(),
                account: request.extensions().get().cloned(),
            });
            return;
        };
        if self.crosses(&way.last, request.uri(), way.account.as_ref()) {
            remove_credentials(request.headers_mut());
        }
        if is_same_origin(&way.home, request.uri()) {
            request.extensions_mut().remove::<ForeignHop>();
        } else {
            request.extensions_mut().insert(ForeignHop);
        }
        way.last = request.uri().clone();
        self.way = Some(way);
    }
}

fn is_same_origin(one: &Uri, other: &Uri) -> bool {
    let (headers, extensions) = (HeaderMap::new(), Extensions::new());
    let head = |uri| RequestHead::from_uri(&Method::GET, uri, &headers, &extensions);
    head(one).is_same_origin(&head(other))
}
