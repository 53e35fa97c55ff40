//! Header values that a signature consists of.

use bytes::Bytes;
use http::header::InvalidHeaderValue;
use http::{HeaderName, HeaderValue};
use multi_auth::Placement;
use secrecy::zeroize::Zeroizing;

use crate::SignError;

/// The header value of `text`, which it owns: a clone allocates nothing.
pub(crate) fn value(text: impl AsRef<[u8]> + Send + 'static) -> Result<HeaderValue, SignError> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place, and it marks the value"
    )]
    let value = HeaderValue::from_maybe_shared(Bytes::from_owner(text));
    marked(value)
}

/// The header value of a secret. It is wiped when its last clone is dropped.
pub(crate) fn secret(text: &str) -> Result<HeaderValue, SignError> {
    value(Zeroizing::new(text.as_bytes().to_vec()))
}

/// The places of the fields `names`.
pub(crate) fn placements<'n>(names: impl IntoIterator<Item = &'n HeaderName>) -> Vec<Placement> {
    let place = |name: &HeaderName| Placement::header(name.as_str()).ok();
    names.into_iter().filter_map(place).collect()
}

fn marked(value: Result<HeaderValue, InvalidHeaderValue>) -> Result<HeaderValue, SignError> {
    let mut value = value.map_err(|_| SignError::Failed)?;
    value.set_sensitive(true);
    Ok(value)
}
