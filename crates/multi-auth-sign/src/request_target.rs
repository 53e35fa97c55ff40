//! The request target in origin form: the path, and `?` and the query if there is one (RFC 9112,
//! 3.2.1).

use multi_auth::RequestHead;

/// The path as it is sent: never empty.
pub(crate) fn path<'r>(request: &RequestHead<'r>) -> &'r str {
    match request.path() {
        "" => "/",
        path => path,
    }
}

/// Writes the path and the query.
pub(crate) fn write(request: &RequestHead<'_>, text: &mut Vec<u8>) {
    text.extend_from_slice(path(request).as_bytes());
    if let Some(query) = request.query() {
        text.push(b'?');
        text.extend_from_slice(query.as_bytes());
    }
}
