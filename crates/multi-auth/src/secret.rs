//! The one place where a secret becomes a header value, and the rules it must obey there.

pub(crate) mod base64;

use bytes::Bytes;
use http::HeaderValue;
use secrecy::zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::SecretProblem;

/// Builds a header value that is marked sensitive, so that no client logs or indexes it, and that
/// is wiped with its last clone.
///
/// Only visible ASCII and inner spaces pass (RFC 9110, 5.5, less `obs-text`).
pub(crate) fn header_value(text: &str) -> Result<HeaderValue, SecretProblem> {
    check_header(text)?;
    wiped(Zeroizing::new(text.as_bytes().to_vec()))
}

/// Checks that `text` can be a header value, without making one.
pub(crate) fn check_header(text: &str) -> Result<(), SecretProblem> {
    check_line(text)?;
    if text.is_ascii() {
        Ok(())
    } else {
        Err(SecretProblem::NotAscii)
    }
}

/// The header value of `bytes`, marked sensitive. Its memory is that of `bytes`, which is wiped
/// with the last clone.
fn wiped(
    bytes: impl AsRef<[u8]> + ZeroizeOnDrop + Send + 'static,
) -> Result<HeaderValue, SecretProblem> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place, and it marks the value"
    )]
    let value = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes));
    let mut value = value.map_err(|_| SecretProblem::ControlCharacter)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The same value in memory of its own, its counter too.
pub(crate) fn copy(value: &HeaderValue) -> HeaderValue {
    let bytes = Zeroizing::new(value.as_bytes().to_vec());
    // What was a value is one again.
    wiped(Apart(bytes)).unwrap_or_else(|_| value.clone())
}

/// Bytes whose counter is on cache lines of its own: the threads that have a copy each count often.
#[repr(align(64))]
struct Apart(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Apart {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl ZeroizeOnDrop for Apart {}

/// Checks that `text` has no control character in it and no space at either end.
pub(crate) fn check_line(text: &str) -> Result<(), SecretProblem> {
    check_controls(text.as_bytes())?;
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(SecretProblem::OuterSpace);
    }
    Ok(())
}

/// Checks that there is no control character in `bytes`, and names the commonest by name.
pub(crate) fn check_controls(bytes: &[u8]) -> Result<(), SecretProblem> {
    if bytes.ends_with(b"\n") || bytes.ends_with(b"\r") {
        return Err(SecretProblem::TrailingNewline);
    }
    if bytes.iter().any(u8::is_ascii_control) {
        return Err(SecretProblem::ControlCharacter);
    }
    Ok(())
}

/// Joins two parts in memory that is wiped afterwards.
pub(crate) fn join(first: &str, second: &str) -> Zeroizing<String> {
    // Room for all of it at once: a string that grows leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(first.len() + second.len()));
    text.push_str(first);
    text.push_str(second);
    text
}

/// One header value of the bytes of others, with `between` between them. It is marked sensitive.
pub(crate) fn joined(parts: &[&[u8]], between: &[u8]) -> Result<HeaderValue, SecretProblem> {
    wiped(Zeroizing::new(parts.join(between)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_is_born_sensitive() {
        assert!(header_value("k-123").unwrap().is_sensitive());
    }

    #[test]
    fn what_a_header_cannot_hold_is_refused_by_name() {
        for (text, problem) in [
            ("key\n", SecretProblem::TrailingNewline),
            ("key\r\n", SecretProblem::TrailingNewline),
            ("ke\ny", SecretProblem::ControlCharacter),
            ("ke\0y", SecretProblem::ControlCharacter),
            ("ke\ty", SecretProblem::ControlCharacter),
            ("ke\u{7f}y", SecretProblem::ControlCharacter),
            (" key", SecretProblem::OuterSpace),
            ("key ", SecretProblem::OuterSpace),
            ("kéy", SecretProblem::NotAscii),
        ] {
            assert_eq!(header_value(text).unwrap_err(), problem, "{text:?}");
        }
    }
}
