//! The URL of a request as a proof has it (`htu`; RFC 9449, 4.2).

use multi_auth::RequestHead;

use crate::{SignError, authority};

const NO_SCHEME: SignError = SignError::signature(
    "the request names no scheme, which its DPoP proof covers",
    "give the layer a default origin, or the request an absolute URL",
);

const HOST: SignError = SignError::signature(
    "the request has a `Host` that is not text",
    "remove the field: the HTTP client sets it",
);

/// The URL of `request` without user, query and fragment. Scheme and host are in lower case, a
/// default port is dropped, and an empty path is `/` (RFC 9110, 4.2.3).
pub(super) fn of(request: &RequestHead<'_>) -> Result<String, SignError> {
    let scheme = request.scheme().ok_or(NO_SCHEME)?.to_ascii_lowercase();
    // A WebSocket is opened by an HTTP request (RFC 6455, 4.1).
    let scheme = match scheme.as_str() {
        "wss" => "https",
        "ws" => "http",
        scheme => scheme,
    };
    let mut url = format!("{scheme}://").into_bytes();
    authority::write(request, &mut url)?;
    let path = Some(request.path()).filter(|path| path.starts_with('/'));
    url.extend_from_slice(path.unwrap_or("/").as_bytes());
    String::from_utf8(url).map_err(|_| HOST)
}
