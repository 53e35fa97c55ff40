//! The signature base string: the text that is signed (RFC 5849, 3.4.1).

use multi_auth::RequestHead;

use super::encoding;
use super::parameters::Parameters;
use crate::{SignError, authority};

/// The signature base string (RFC 5849, 3.4.1.1).
pub(super) fn write(
    request: &RequestHead<'_>,
    parameters: Parameters<'_>,
) -> Result<Vec<u8>, SignError> {
    let mut text = Vec::with_capacity(768);
    encoding::write(request.method().as_str().as_bytes(), &mut text);
    text.make_ascii_uppercase();
    text.push(b'&');
    encoding::write(&uri(request)?, &mut text);
    text.push(b'&');
    parameters.write(&mut text);
    Ok(text)
}

/// The base string URI (RFC 5849, 3.4.1.2).
pub(super) fn uri(request: &RequestHead<'_>) -> Result<Vec<u8>, SignError> {
    let mut uri = Vec::with_capacity(128);
    authority::write_scheme(request, &mut uri)?;
    uri.extend_from_slice(b"://");
    authority::write(request, &mut uri)?;
    uri.extend_from_slice(request.path().as_bytes());
    Ok(uri)
}
