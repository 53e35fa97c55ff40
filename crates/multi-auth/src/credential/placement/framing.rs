//! The header fields that cannot hold a key.

use http::HeaderName;

use crate::AuthError;

/// Refuses fields that change how a message is parsed, and those that the next hop removes.
pub(crate) fn check_field(name: &HeaderName) -> Result<(), AuthError> {
    const REFUSED: [&str; 15] = [
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    if REFUSED.contains(&name.as_str()) {
        return Err(FRAMING);
    }
    Ok(())
}

/// Such a field cannot hold a key.
pub(crate) const FRAMING: AuthError = AuthError::unsupported(
    "a key cannot be put in a header field that belongs to the connection or to the message's body",
    "use the field that the vendor's documentation names",
);
