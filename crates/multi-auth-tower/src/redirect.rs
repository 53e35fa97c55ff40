//! A policy for tower-http's `FollowRedirect`, above the authentication or below it.

use std::fmt;

use http::header::HOST;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, Request, Uri};
use multi_auth::{Account, ForeignHop, Keyring, QueryKeys, RequestHead};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

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
    /// What was asked first and last, and for which account.
    way: Option<Way>,
}

#[derive(Clone)]
struct Way {
    home: Uri,
    last: Uri,
    account: Option<Account>,
    /// What an [`AuthLayer`](crate::AuthLayer) above put into the first target's query.
    query_keys: Option<QueryKeys>,
    /// Whether another origin was asked in between.
    was_away: bool,
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
        heads(from, to, account, |from, to| {
            !self.keyring.same_scope(from, to)
        })
    }

    fn leave(&self, left: &Way, headers: &mut HeaderMap) {
        heads(&left.last, &left.last, left.account.as_ref(), |left, _| {
            self.keyring.remove_credentials(left, headers);
        });
        headers.remove(HOST);
    }
}

/// What `asked` says of two targets, for `account`.
fn heads<T>(
    one: &Uri,
    other: &Uri,
    account: Option<&Account>,
    asked: impl FnOnce(&RequestHead<'_>, &RequestHead<'_>) -> T,
) -> T {
    let (headers, mut extensions) = (HeaderMap::new(), Extensions::new());
    if let Some(account) = account {
        extensions.insert(account.clone());
    }
    let head = |uri| RequestHead::from_uri(&Method::GET, uri, &headers, &extensions);
    asked(&head(one), &head(other))
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
                query_keys: request.extensions().get().cloned(),
                was_away: false,
            });
            return;
        };
        if let Some(keys) = &way.query_keys {
            without_keys(keys, request.uri_mut());
        }
        if self.crosses(&way.last, request.uri(), way.account.as_ref()) {
            self.leave(&way, request.headers_mut());
        }
        let is_home = heads(&way.home, request.uri(), None, |home, asked| {
            home.is_same_origin(asked)
        });
        way.was_away |= !is_home;
        if is_home && (!way.was_away || request.method().is_safe()) {
            request.extensions_mut().remove::<ForeignHop>();
        } else {
            request.extensions_mut().insert(ForeignHop);
        }
        way.last = request.uri().clone();
        self.way = Some(way);
    }
}

/// Takes `keys` out of `target`, or all of its path and query if they stand elsewhere.
fn without_keys(keys: &QueryKeys, target: &mut Uri) {
    let cleaned = target
        .path_and_query()
        .map(|target| keys.remove_from(target.as_str()));
    let mut parts = target.clone().into_parts();
    parts.path_and_query = match cleaned.flatten().map(PathAndQuery::try_from) {
        Some(Ok(cleaned)) => Some(cleaned),
        Some(Err(_)) | None => Some(PathAndQuery::from_static("/")),
    };
    // Its scheme and authority were good before.
    *target = Uri::from_parts(parts).unwrap_or_default();
}

/// The targets asked so far are not printed, for their queries may hold a key.
impl fmt::Debug for RedirectGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedirectGuard")
            .field("keyring", &self.keyring)
            .field("stop_at_other_origins", &self.stop_at_other_origins)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
