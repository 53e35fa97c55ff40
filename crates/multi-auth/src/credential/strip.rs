//! Leaves credentials behind.

use http::header::{AUTHORIZATION, COOKIE, HeaderMap, PROXY_AUTHORIZATION};

/// Takes off what speaks for the caller: `Authorization`, cookies, and every header field whose
/// value is marked sensitive, as all are that this crate attaches.
pub(crate) fn remove_credentials(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE] {
        headers.remove(name);
    }
    let sensitive = headers.iter().filter(|(_, value)| value.is_sensitive());
    let sensitive: Vec<_> = sensitive.map(|(name, _)| name.clone()).collect();
    for name in sensitive {
        headers.remove(name);
    }
}
