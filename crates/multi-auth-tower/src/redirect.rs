//! A policy for tower-http's `FollowRedirect`, above the authentication or below it.

use std::fmt;

use http::header::HOST;
use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, Request, Uri};
use multi_auth::{Account, ForeignHop, Keyring, QueryKeys, RequestHead};
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
    /// What stood where the keyring puts its keys when the first target was asked, whoever put it there.
    first_keys: Option<QueryKeys>,
    trail: Option<Trail>,
    /// Whether another origin was asked in between.
    was_away: bool,
    /// Whether the first hop was one at a foreign origin itself.
    was_foreign: bool,
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
            !self.keyring.same_protection_space(from, to)
        })
    }

    /// Takes a key that a redirect put into its target's query out again, for it would count there as the
    /// caller's own.
    fn take_out_planted(&self, way: &Way, keeps_keys: bool, target: &mut Uri) {
        let ours = way.first_keys.as_ref().filter(|_| keeps_keys);
        let cleaned = heads(target, target, way.account.as_ref(), |target, _| {
            self.keyring.query_without_credentials(target, ours)
        });
        set_query(target, cleaned);
    }

    /// Takes out of `target`, at another origin than `left`, what has the name of a key of that one's.
    fn take_out_names_of(&self, left: &Way, target: &mut Uri) {
        let cleaned = heads(&left.last, target, left.account.as_ref(), |left, target| {
            self.keyring.query_without_names_of(left, target)
        });
        set_query(target, cleaned);
    }

    /// Whether a key stands where it cannot be taken out.
    fn shows_key(&self, location: &Uri) -> bool {
        let keys = self.way.as_ref().and_then(|way| way.query_keys.as_ref());
        keys.is_some_and(|keys| keys.remove_from(&location.to_string()).is_none())
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
        let was_away = self.way.as_ref().is_some_and(|way| way.was_away);
        let may_leak = (crosses || was_away) && self.shows_key(attempt.location());
        if self.left == 0 || may_leak || (crosses && self.stop_at_other_origins) {
            return Ok(Action::Stop);
        }
        self.left -= 1;
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        let Some(mut way) = self.way.take() else {
            let account = request.extensions().get();
            let first_keys = heads(request.uri(), request.uri(), account, |asked, _| {
                self.keyring.own_query_keys(asked)
            });
            self.way = Some(Way {
                home: request.uri().clone(),
                last: request.uri().clone(),
                account: request.extensions().get().cloned(),
                query_keys: request.extensions().get().cloned(),
                first_keys,
                trail: request.extensions().get().cloned(),
                was_away: false,
                was_foreign: request.extensions().get::<ForeignHop>().is_some(),
            });
            return;
        };
        let crosses = self.crosses(&way.last, request.uri(), way.account.as_ref());
        let is_home = heads(&way.home, request.uri(), None, |home, asked| {
            home.is_same_origin(asked)
        });
        way.was_away |= !is_home;
        // Within the scope nobody attaches a key anew below an `AuthLayer`: what is repeated stays.
        let keeps_keys = !crosses && !way.was_away;
        if !keeps_keys && let Some(keys) = &way.query_keys {
            set_query_and_path(request.uri_mut(), |target| {
                if is_home {
                    keys.remove_from(target)
                } else {
                    keys.remove_from_foreign(target)
                }
            });
        }
        let is_elsewhere = heads(&way.last, request.uri(), None, |last, asked| {
            !last.is_same_origin(asked)
        });
        if is_elsewhere {
            self.take_out_names_of(&way, request.uri_mut());
        }
        if is_home {
            self.take_out_planted(&way, keeps_keys, request.uri_mut());
        }
        if crosses {
            self.leave(&way, request.headers_mut());
        }
        if let Some(trail) = &way.trail
            && (!keeps_keys || way.has_lost_keys(request.uri()))
        {
            trail.leave_credential_behind();
        }
        let is_served = is_home && (!way.was_away || request.method().is_safe());
        if is_served && !way.was_foreign {
            request.extensions_mut().remove::<ForeignHop>();
        } else {
            request.extensions_mut().insert(ForeignHop);
        }
        way.last = request.uri().clone();
        self.way = Some(way);
    }
}

impl Way {
    /// Whether a key that stood in the first target's query is not in this one's.
    fn has_lost_keys(&self, target: &Uri) -> bool {
        let params = || target.query().unwrap_or_default().split('&');
        let is_there = |keys: &QueryKeys| params().any(|param| keys.has(param));
        self.query_keys.as_ref().is_some_and(|keys| !is_there(keys))
    }
}

/// Puts the query that is `cleaned`, if one is, on `target`.
fn set_query(target: &mut Uri, cleaned: Option<String>) {
    if let Some(query) = cleaned {
        let path = target.path().to_owned();
        let mark = if query.is_empty() { "" } else { "?" };
        set_query_and_path(target, |_| Some(format!("{path}{mark}{query}")));
    }
}

/// Puts what `change` makes of the path and query of `target` in their place.
fn set_query_and_path(target: &mut Uri, change: impl FnOnce(&str) -> Option<String>) {
    let Some(before) = target.path_and_query() else {
        return;
    };
    let changed = change(before.as_str()).map(PathAndQuery::try_from);
    let mut parts = target.clone().into_parts();
    // What cannot be sent without a key was stopped before it came here.
    let root = || PathAndQuery::from_static("/");
    parts.path_and_query = Some(changed.and_then(Result::ok).unwrap_or_else(root));
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
