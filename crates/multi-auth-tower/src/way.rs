//! Where a request went below the layer, so that its answer is laid at the right door.

use http::{Extensions, HeaderMap, Method, Request, Response, Uri};
use multi_auth::{QueryKeys, RequestAuth, RequestHead};

/// What is remembered of a request for when its answer comes.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// What was asked with a key in its query.
    asked: Option<Uri>,
    #[cfg(feature = "follow-redirect")]
    below: below::Below,
}

#[cfg_attr(
    not(feature = "follow-redirect"),
    expect(
        clippy::unused_self,
        reason = "without that feature nothing is known of what is below"
    )
)]
impl Way {
    #[inline]
    pub(crate) fn set_out<B>(&mut self, request: &Request<B>) {
        #[cfg(feature = "follow-redirect")]
        self.below.set_out(request);
        #[cfg(not(feature = "follow-redirect"))]
        let _ = request;
    }

    /// Tells those below which keys stand in the target's query, and how to answer.
    #[inline]
    pub(crate) fn leave_word<B>(
        &mut self,
        flow: &RequestAuth,
        is_refreshable: bool,
        request: &mut Request<B>,
    ) {
        if let Some(keys) = flow.query_keys() {
            self.asked = Some(request.uri().clone());
            tell_below(keys, request);
        }
        #[cfg(feature = "follow-redirect")]
        if is_refreshable {
            self.below.leave_word(request);
        }
        #[cfg(not(feature = "follow-redirect"))]
        let _ = is_refreshable;
    }

    /// Takes what nobody else may know out of `response`. The answer tells whether it came from outside the
    /// credential's scope, or from where the credential did not come along.
    #[inline]
    pub(crate) fn is_foreign<R>(&self, flow: &RequestAuth, response: &mut Response<R>) -> bool {
        if let (Some(keys), Some(asked)) = (flow.query_keys(), &self.asked) {
            let (method, none, said) = (Method::GET, HeaderMap::new(), Extensions::new());
            let asked = RequestHead::from_uri(&method, asked, &none, &said);
            keys.remove_from_location(&asked, response.headers_mut());
        }
        #[cfg(feature = "follow-redirect")]
        return self.below.is_foreign(flow, response);
        #[cfg(not(feature = "follow-redirect"))]
        false
    }
}

fn tell_below<B>(keys: &QueryKeys, request: &mut Request<B>) {
    let outer = request.extensions().get::<QueryKeys>();
    let all = outer.map_or_else(|| keys.clone(), |outer| outer.and(keys));
    request.extensions_mut().insert(all);
}

#[cfg(feature = "follow-redirect")]
mod below {
    //! With a `FollowRedirect` below.

    use http::header::LOCATION;
    use http::{Extensions, HeaderMap, Method, Request, Response, Uri};
    use multi_auth::{RequestAuth, RequestHead};
    use tower_http::follow_redirect::RequestUri;

    use crate::trail::Trail;

    #[derive(Debug, Default)]
    pub(super) struct Below {
        /// `None` where nothing is to be judged.
        asked: Option<Uri>,
        trail: Option<Trail>,
    }

    impl Below {
        pub(super) fn set_out<B>(&mut self, request: &Request<B>) {
            self.asked = Some(request.uri().clone());
        }

        pub(super) fn leave_word<B>(&mut self, request: &mut Request<B>) {
            let trail = self.trail.insert(Trail::default());
            request.extensions_mut().insert(trail.clone());
        }

        pub(super) fn is_foreign<R>(&self, flow: &RequestAuth, response: &mut Response<R>) -> bool {
            let answered = response.extensions().get::<RequestUri>().cloned();
            let (Some(asked), Some(RequestUri(answered))) = (&self.asked, answered) else {
                return false;
            };
            if let Some(keys) = flow.query_keys() {
                let shown = keys.remove_from(&answered.to_string());
                let shown = shown
                    .and_then(|shown| shown.parse().ok())
                    .unwrap_or_default();
                response.extensions_mut().insert(RequestUri(shown));
            }
            let (headers, none) = (HeaderMap::new(), Extensions::new());
            let head = |uri| RequestHead::from_uri(&Method::GET, uri, &headers, &none);
            // In origin form there was no redirect to another origin.
            let is_elsewhere =
                answered.host().is_some() && !head(asked).is_same_origin(&head(&answered));
            if is_elsewhere {
                // A redirect layer above would take it for one of the origin that it asked.
                response.headers_mut().remove(LOCATION);
            }
            let was_left = self
                .trail
                .as_ref()
                .is_some_and(Trail::has_left_credential_behind);
            is_elsewhere
                || was_left
                || (answered.host().is_some() && !flow.covers(&head(&answered)))
        }
    }
}
