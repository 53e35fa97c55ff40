//! What is remembered of a request, to attribute its response.

#[cfg(feature = "follow-redirect")]
mod followed;

use http::{Extensions, HeaderMap, Method, Request, Response, Uri};
use multi_auth::adapter::RequestAuth;
use multi_auth::{QueryKeys, RequestHead};

/// A request that was sent with a credential.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    /// The target, where the response needs it.
    asked: Option<Uri>,
    #[cfg(feature = "follow-redirect")]
    trail: Option<crate::trail::Trail>,
}

impl Sent {
    /// `request` as it is sent, with the credential of `auth`. Tells a redirect policy below which
    /// keys are in the query.
    #[inline]
    pub(crate) fn after<C, B>(auth: &RequestAuth<C>, request: &mut Request<B>) -> Self {
        let mut sent = Self::default();
        if !auth.is_attached() {
            return sent;
        }
        if cfg!(feature = "follow-redirect") || auth.query_keys().is_some() {
            sent.asked = Some(request.uri().clone());
        }
        if auth.is_tracked() {
            tell_keys(auth, request);
            #[cfg(feature = "follow-redirect")]
            sent.leave_trail(request);
        }
        sent
    }

    #[cfg(feature = "follow-redirect")]
    fn leave_trail<B>(&mut self, request: &mut Request<B>) {
        let trail = self.trail.insert(crate::trail::Trail::default());
        request.extensions_mut().insert(trail.clone());
    }

    /// Removes the keys of the query from `response`. The result tells whether it came from outside
    /// the credential's protection space, or from where the credential did not go along.
    #[inline]
    pub(crate) fn is_foreign<C, R>(
        &self,
        auth: &RequestAuth<C>,
        response: &mut Response<R>,
    ) -> bool {
        let Some(asked) = &self.asked else {
            return false;
        };
        if let Some(keys) = auth.query_keys() {
            with_head(asked, |asked| {
                keys.remove_from_location(asked, response.headers_mut());
            });
        }
        #[cfg(feature = "follow-redirect")]
        return self.was_followed_elsewhere(auth, asked, response);
        #[cfg(not(feature = "follow-redirect"))]
        false
    }
}

fn tell_keys<C, B>(auth: &RequestAuth<C>, request: &mut Request<B>) {
    if let Some(keys) = auth.query_keys() {
        let outer = request.extensions().get::<QueryKeys>();
        let all = outer.map_or_else(|| keys.clone(), |outer| outer.and(keys));
        request.extensions_mut().insert(all);
    }
}

/// What `ask` says about a request for `target` that has no header fields.
fn with_head<T>(target: &Uri, ask: impl FnOnce(&RequestHead<'_>) -> T) -> T {
    let (headers, extensions) = (HeaderMap::new(), Extensions::new());
    let head = RequestHead::from_uri(&Method::GET, target, &headers, &extensions);
    ask(&head)
}
