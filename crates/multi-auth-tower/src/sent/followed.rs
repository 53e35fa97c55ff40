//! Requests that a `FollowRedirect` below may send on.

use http::header::LOCATION;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Extensions, HeaderMap, Method, Request, Response, Uri};
use multi_auth::RequestHead;
use multi_auth::adapter::RequestAuth;
use tower_http::follow_redirect::RequestUri;

use crate::trail::Trail;

/// A request that was sent with a credential.
#[derive(Debug, Default)]
pub(super) struct Sent {
    asked: Option<Origin>,
    trail: Option<Trail>,
}

/// What the request names of its origin.
#[derive(Debug)]
struct Origin {
    scheme: Option<Scheme>,
    authority: Option<Authority>,
}

impl Sent {
    #[inline]
    pub(super) fn after<C, B>(auth: &RequestAuth<C>, request: &mut Request<B>) -> Self {
        let mut sent = Self::default();
        if auth.is_attached() {
            sent.asked = Some(Origin::of(request.uri()));
        }
        if auth.is_tracked() {
            let trail = sent.trail.insert(Trail::default());
            request.extensions_mut().insert(trail.clone());
        }
        sent
    }

    /// Removes the keys of the query from the URI that `response` shows. The result tells whether
    /// it came from outside the credential's protection space, or from where the credential did not
    /// go along.
    #[inline]
    pub(super) fn is_foreign<C, R>(
        &self,
        auth: &RequestAuth<C>,
        response: &mut Response<R>,
    ) -> bool {
        let answered = response.extensions().get::<RequestUri>();
        let (Some(asked), Some(RequestUri(answered))) = (&self.asked, answered) else {
            return false;
        };
        let answered = answered.clone();
        if let Some(keys) = auth.query_keys() {
            let shown = keys.remove_from(&answered.to_string());
            let shown = shown.and_then(|shown| shown.parse().ok());
            let shown = RequestUri(shown.unwrap_or_default());
            response.extensions_mut().insert(shown);
        }
        // In origin form there was no redirect to another origin.
        let has_origin = answered.host().is_some();
        let is_elsewhere = has_origin && !asked.is_same(&answered);
        if is_elsewhere {
            // A redirect layer above would resolve it against the origin that was asked first.
            response.headers_mut().remove(LOCATION);
        }
        let was_left = self.trail.as_ref();
        let was_left = was_left.is_some_and(Trail::has_left_credential_behind);
        is_elsewhere || was_left || (has_origin && !with_head(&answered, |head| auth.covers(head)))
    }
}

impl Origin {
    fn of(target: &Uri) -> Self {
        Self {
            scheme: target.scheme().cloned(),
            authority: target.authority().cloned(),
        }
    }

    /// Whether `target` is at this origin.
    fn is_same(&self, target: &Uri) -> bool {
        let mut parts = http::uri::Parts::default();
        parts.scheme.clone_from(&self.scheme);
        parts.authority.clone_from(&self.authority);
        parts.path_and_query = self.scheme.as_ref().map(|_| PathAndQuery::from_static("/"));
        // Both were parts of a URI before.
        let own = Uri::from_parts(parts).unwrap_or_default();
        with_head(&own, |own| {
            with_head(target, |target| own.is_same_origin(target))
        })
    }
}

/// What `ask` says about a request for `target` that has no header fields.
fn with_head<T>(target: &Uri, ask: impl FnOnce(&RequestHead<'_>) -> T) -> T {
    let (headers, extensions) = (HeaderMap::new(), Extensions::new());
    let head = RequestHead::from_uri(&Method::GET, target, &headers, &extensions);
    ask(&head)
}
