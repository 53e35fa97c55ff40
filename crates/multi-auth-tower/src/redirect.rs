//! A policy for tower-http's `FollowRedirect`, above the authentication or below it.

use http::{Extensions, HeaderMap, Method, Request, Uri};
use multi_auth::{Account, Keyring, RequestHead, remove_credentials};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

/// A redirect policy that leaves credentials behind when a redirect leaves their scope.
///
/// It follows up to 10 redirects. Out of the scope of the binding that served the request so far
/// (or out of its origin, where none did), it takes off `Authorization`, cookies and every header
/// that is marked sensitive, as all are that multi-auth attaches. What it took off stays off. The
/// request's extensions stay, so that a hop is served for the account that the caller named, or
/// with no credential if the caller wants none.
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
    /// What was asked last, and for which account.
    last: Option<(Uri, Option<Account>)>,
}

impl RedirectGuard {
    /// The policy for the credentials of `keyring`.
    #[must_use]
    pub fn new(keyring: Keyring) -> Self {
        Self {
            keyring,
            stop_at_other_origins: false,
            left: 10,
            last: None,
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

    fn account(&self) -> Option<&Account> {
        self.last.as_ref().and_then(|(_, account)| account.as_ref())
    }
}

impl<B, E> Policy<B, E> for RedirectGuard {
    fn redirect(&mut self, attempt: &Attempt<'_>) -> Result<Action, E> {
        let crosses = self.crosses(attempt.previous(), attempt.location(), self.account());
        if self.left == 0 || (crosses && self.stop_at_other_origins) {
            return Ok(Action::Stop);
        }
        self.left -= 1;
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        let account = match self.last.take() {
            Some((last, account)) => {
                if self.crosses(&last, request.uri(), account.as_ref()) {
                    remove_credentials(request.headers_mut());
                }
                account
            }
            None => request.extensions().get().cloned(),
        };
        self.last = Some((request.uri().clone(), account));
    }
}
