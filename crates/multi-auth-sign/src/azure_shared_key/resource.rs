//! The canonicalized resource: the account, the path and the query.

use std::borrow::Cow;

use multi_auth::RequestHead;
use percent_encoding::percent_decode;

/// Writes the account and the path, encoded as it is sent.
pub(super) fn write_path(request: &RequestHead<'_>, account: &str, text: &mut Vec<u8>) {
    text.push(b'/');
    text.extend_from_slice(account.as_bytes());
    text.extend_from_slice(request.path().as_bytes());
}

/// Writes a line for each parameter of the query: its name in lower case, and its values, decoded
/// and sorted.
pub(super) fn write_query(request: &RequestHead<'_>, text: &mut Vec<u8>) {
    let mut parameters: Vec<_> = parameters(request).collect();
    parameters.sort_unstable();
    for same in parameters.chunk_by(|one, other| one.0 == other.0) {
        text.push(b'\n');
        text.extend_from_slice(&same[0].0);
        for (at, (_, value)) in same.iter().enumerate() {
            text.push(if at == 0 { b':' } else { b',' });
            text.extend_from_slice(value);
        }
    }
}

/// Writes the parameter `comp`, as it is sent. Table storage signs no other.
pub(super) fn write_comp(request: &RequestHead<'_>, text: &mut Vec<u8>) {
    let mut parts = request.query().unwrap_or_default().split('&');
    let comp = parts.find_map(|part| part.strip_prefix("comp="));
    if let Some(comp) = comp {
        text.extend_from_slice(b"?comp=");
        text.extend_from_slice(comp.as_bytes());
    }
}

/// A decoded name or value.
type Part<'r> = Cow<'r, [u8]>;

fn parameters<'r>(request: &RequestHead<'r>) -> impl Iterator<Item = (Part<'r>, Part<'r>)> {
    let parts = request.query().unwrap_or_default().split('&');
    parts.filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (lowercase(decoded(name)), decoded(value))
    })
}

/// `part` without its percent-encoding. A plus is a space. Its bytes need not be UTF-8.
fn decoded(part: &str) -> Part<'_> {
    if !part.contains('+') {
        return percent_decode(part.as_bytes()).into();
    }
    let spaced = part.replace('+', " ");
    Cow::Owned(percent_decode(spaced.as_bytes()).collect())
}

fn lowercase(mut part: Part<'_>) -> Part<'_> {
    if part.iter().any(u8::is_ascii_uppercase) {
        part.to_mut().make_ascii_lowercase();
    }
    part
}
