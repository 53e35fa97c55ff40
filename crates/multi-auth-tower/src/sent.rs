//! What is remembered of a request, to attribute its response.

#[cfg(feature = "follow-redirect")]
mod followed;

use http::{Request, Response};
use multi_auth::QueryKeys;
use multi_auth::adapter::RequestAuth;

use crate::read_json::ReadsResponse;

/// A request that was sent with a credential.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    #[cfg(feature = "follow-redirect")]
    followed: followed::Sent,
}

impl Sent {
    /// `request` as it is sent, with the credential of `auth`. Tells a redirect policy below which
    /// keys are in the query.
    #[inline]
    pub(crate) fn after<C, B>(auth: &RequestAuth<C>, request: &mut Request<B>) -> Self {
        if let Some(keys) = auth.query_keys() {
            tell_keys(keys, request);
        }
        if auth.reads_response() {
            request.extensions_mut().insert(ReadsResponse);
        }
        Self {
            #[cfg(feature = "follow-redirect")]
            followed: followed::Sent::after(auth, request),
        }
    }

    /// Whether `response` came from outside the credential's protection space, or from where the
    /// credential did not go along.
    #[inline]
    pub(crate) fn is_foreign<C, R>(
        &self,
        auth: &RequestAuth<C>,
        response: &mut Response<R>,
    ) -> bool {
        #[cfg(feature = "follow-redirect")]
        return self.followed.is_foreign(auth, response);
        #[cfg(not(feature = "follow-redirect"))]
        {
            let _ = (self, auth, response);
            false
        }
    }
}

#[cold]
fn tell_keys<B>(keys: &QueryKeys, request: &mut Request<B>) {
    let outer = request.extensions().get::<QueryKeys>();
    let all = outer.map_or_else(|| keys.clone(), |outer| outer.and(keys));
    request.extensions_mut().insert(all);
}
