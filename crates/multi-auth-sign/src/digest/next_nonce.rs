//! `Authentication-Info: nextnonce=".."` (RFC 7616, 3.5).

use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderName, StatusCode};
use multi_auth::ResponseHead;

use crate::header;

const AUTHENTICATION_INFO: HeaderName = HeaderName::from_static("authentication-info");

/// The nonce for the next request, if the server names one.
pub(super) fn next_nonce(headers: &HeaderMap) -> Option<String> {
    let field = headers.get(AUTHENTICATION_INFO)?.as_bytes();
    // Some servers send the field with each response, and without a nonce.
    let mut windows = field.windows("nextnonce".len());
    if !windows.any(|name| name.eq_ignore_ascii_case(b"nextnonce")) {
        return None;
    }
    // Its grammar is that of a challenge without the scheme.
    let value = header::value([b"Digest ", field].concat()).ok()?;
    let fields = HeaderMap::from_iter([(WWW_AUTHENTICATE, value)]);
    let challenges = ResponseHead::new(StatusCode::OK, &fields).challenges();
    let nonce = challenges.first()?.param("nextnonce")?;
    Some(nonce.into_owned())
}
