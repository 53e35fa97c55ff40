//! Responses through a `FollowRedirect` below.

use http::header::LOCATION;
use http::{Response, Uri};
use multi_auth::adapter::RequestAuth;
use tower_http::follow_redirect::RequestUri;

use super::{Sent, with_head};
use crate::trail::Trail;

impl Sent {
    pub(super) fn was_followed_elsewhere<C, R>(
        &self,
        auth: &RequestAuth<C>,
        asked: &Uri,
        response: &mut Response<R>,
    ) -> bool {
        let Some(RequestUri(answered)) = response.extensions().get::<RequestUri>().cloned() else {
            return false;
        };
        if let Some(keys) = auth.query_keys() {
            let shown = keys.remove_from(&answered.to_string());
            let shown = shown.and_then(|shown| shown.parse().ok());
            let shown = RequestUri(shown.unwrap_or_default());
            response.extensions_mut().insert(shown);
        }
        // In origin form there was no redirect to another origin.
        let has_origin = answered.host().is_some();
        let is_elsewhere = has_origin && !is_same_origin(asked, &answered);
        if is_elsewhere {
            // A redirect layer above would resolve it against the origin that was asked first.
            response.headers_mut().remove(LOCATION);
        }
        let was_left = self.trail.as_ref();
        let was_left = was_left.is_some_and(Trail::has_left_credential_behind);
        is_elsewhere || was_left || (has_origin && !with_head(&answered, |head| auth.covers(head)))
    }
}

fn is_same_origin(one: &Uri, other: &Uri) -> bool {
    with_head(one, |one| {
        with_head(other, |other| one.is_same_origin(other))
    })
}
