//! Decides which credentials a redirect keeps, and removes the others.

use http::HeaderMap;

use super::Keyring;
use crate::credential::remove_credentials;
use crate::{CredentialId, QueryKeys, RequestHead};

impl Keyring {
    /// Whether `request` is in the protection space of the credential `id`.
    ///
    /// An adapter asks this before it attributes a response to a credential: a client below may
    /// have followed a redirect to another origin.
    #[must_use]
    pub fn covers(&self, id: &CredentialId, request: &RequestHead<'_>) -> bool {
        id.binding()
            .is_some_and(|binding| self.inner.table.find(request) == Ok(Some(binding)))
    }

    /// Whether a redirect from `one` to `other` may keep the credential: both have the same origin,
    /// and the same binding, or none, serves them.
    #[must_use]
    pub fn same_protection_space(&self, one: &RequestHead<'_>, other: &RequestHead<'_>) -> bool {
        let table = &self.inner.table;
        one.is_same_origin(other) && table.find(one) == table.find(other)
    }

    /// Removes from `headers` what a redirect away from the origin of `left` must not keep:
    /// `Authorization`, cookies, every value marked sensitive (all that this crate attaches are),
    /// and each field in which a binding of that origin puts its credential.
    pub fn remove_credentials(&self, from: &RequestHead<'_>, headers: &mut HeaderMap) {
        remove_credentials(headers);
        if let Some(places) = self.inner.table.places(from) {
            places.strip(headers);
        }
    }

    /// The parameters in the query of `asked` that have the name of a bound key. The caller set
    /// them, if `asked` is the caller's request. A redirect within the origin may repeat them.
    #[must_use]
    pub fn own_query_keys(&self, request: &RequestHead<'_>) -> Option<QueryKeys> {
        let (query, places) = (request.query()?, self.inner.table.places(request)?);
        QueryKeys::of(query.split('&').filter(|param| places.has_param(param)))
    }

    /// The query of `target`, to which a redirect leads, without the parameters that have the name
    /// of a bound key, except `ours`: the caller did not set the others. `None` if there are none.
    #[must_use]
    pub fn query_without_credentials(
        &self,
        target: &RequestHead<'_>,
        ours: Option<&QueryKeys>,
    ) -> Option<String> {
        let places = self.inner.table.places(target)?;
        query_without(target.query()?, |param| {
            places.has_param(param) && !ours.is_some_and(|ours| ours.has(param))
        })
    }

    /// The query of `target`, to which a redirect leads from the other origin `left`, without the
    /// parameters that have the name of a key bound there, in any case and with any value. `None`
    /// if there are none.
    ///
    /// A server that repeats a key may change it: drop a prefix, or change the case of the name.
    #[must_use]
    pub fn query_without_names_of(
        &self,
        from: &RequestHead<'_>,
        target: &RequestHead<'_>,
    ) -> Option<String> {
        let places = self.inner.table.places(from)?;
        query_without(target.query()?, |param| places.has_param(param))
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
