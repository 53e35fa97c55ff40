//! Decides which credentials a redirect keeps, and removes the others.

use http::HeaderMap;

use super::Keyring;
use crate::credential::remove_credentials;
use crate::{CredentialId, QueryKeys, RequestHead};

impl Keyring {
    /// Whether `request` is in the protection space of the credential `id`.
    ///
    /// Adapters call this before they attribute a response to a credential: the client may have
    /// followed a redirect to another origin.
    #[must_use]
    pub fn covers(&self, id: &CredentialId, request: &RequestHead<'_>) -> bool {
        id.binding()
            .is_some_and(|binding| self.inner.table.find(request) == Ok(Some(binding)))
    }

    /// Whether a redirect from `one` to `other` may keep the credential: both have the same origin
    /// and the same binding, or both have no binding.
    #[must_use]
    pub fn same_protection_space(&self, one: &RequestHead<'_>, other: &RequestHead<'_>) -> bool {
        let table = &self.inner.table;
        one.is_same_origin(other) && table.find(one) == table.find(other)
    }

    /// Removes credentials from `headers`, for a redirect away from the origin of `from`.
    ///
    /// It removes `Authorization`, cookies, every value that is marked sensitive (as all that this
    /// crate attaches), and each field in which a binding of that origin puts its credential.
    pub fn remove_credentials(&self, from: &RequestHead<'_>, headers: &mut HeaderMap) {
        remove_credentials(headers);
        for places in self.inner.table.places(from) {
            places.strip(headers);
        }
    }

    /// Returns the query parameters of `request` that have the name of a bound key.
    ///
    /// In the caller's own request, the caller set them, and a redirect within the origin may
    /// repeat them.
    #[must_use]
    pub fn own_query_keys(&self, request: &RequestHead<'_>) -> Option<QueryKeys> {
        let params = request.query()?.split('&');
        QueryKeys::of(params.filter(|param| self.has_param(request, param)))
    }

    /// Returns the query of `target`, the target of a redirect, without the parameters that have
    /// the name of a bound key. `None` if it has no such parameter.
    ///
    /// It keeps those in `ours`, which the caller set. The server added the others.
    #[must_use]
    pub fn query_without_credentials(
        &self,
        target: &RequestHead<'_>,
        ours: Option<&QueryKeys>,
    ) -> Option<String> {
        query_without(target.query()?, |param| {
            self.has_param(target, param) && !ours.is_some_and(|ours| ours.has(param))
        })
    }

    /// Returns the query of `target`, the target of a redirect from the other origin `from`,
    /// without the parameters that have the name of a key bound at `from`, in any case and with any
    /// value. `None` if it has no such parameter.
    ///
    /// The value does not matter, because a server that repeats a key may change it: it may drop a
    /// prefix, or change the case of the name.
    #[must_use]
    pub fn query_without_names_of(
        &self,
        from: &RequestHead<'_>,
        target: &RequestHead<'_>,
    ) -> Option<String> {
        query_without(target.query()?, |param| self.has_param(from, param))
    }

    /// Whether `param` has the name of a key that is bound at the origin of `request`.
    fn has_param(&self, request: &RequestHead<'_>, param: &str) -> bool {
        let mut places = self.inner.table.places(request);
        places.any(|places| places.has_param(param))
    }
}

/// `query` without the parameters that `is_left_out` selects; `None` if there are none.
fn query_without(query: &str, is_left_out: impl Fn(&str) -> bool) -> Option<String> {
    let params = || query.split('&');
    params().any(&is_left_out).then(|| {
        let kept: Vec<_> = params().filter(|param| !is_left_out(param)).collect();
        kept.join("&")
    })
}
