//! Turns a secret into a header value, after checks.

pub(crate) mod base64;

use bytes::Bytes;
use http::HeaderValue;
use secrecy::zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::SecretProblem;

/// Builds a header value that is marked sensitive, so that clients do not log or index it, and that
/// is wiped when its last clone is dropped.
///
/// Accepts visible ASCII and inner spaces (RFC 9110, 5.5, without `obs-text`).
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

/// The header value of `bytes`, marked sensitive. It owns `bytes`, which are wiped when the last
/// clone is dropped.
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

/// A copy with its own memory and reference count.
pub(crate) fn copy(value: &HeaderValue) -> HeaderValue {
    let bytes = Zeroizing::new(value.as_bytes().to_vec());
    // The bytes were a valid value before.
    wiped(CacheAligned(bytes)).unwrap_or_else(|_| value.clone())
}

/// Bytes whose reference count has its own cache line: threads with copies increment it often.
#[repr(align(64))]
struct CacheAligned(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for CacheAligned {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl ZeroizeOnDrop for CacheAligned {}

/// Checks that `text` has no control character, and no space at either end.
pub(crate) fn check_line(text: &str) -> Result<(), SecretProblem> {
    check_controls(text.as_bytes())?;
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(SecretProblem::OuterSpace);
    }
    Ok(())
}

/// Checks that `bytes` have no control character. A trailing line break has an error of its own.
pub(crate) fn check_controls(bytes: &[u8]) -> Result<(), SecretProblem> {
    if bytes.ends_with(b"\n") || bytes.ends_with(b"\r") {
        return Err(SecretProblem::TrailingNewline);
    }
    if bytes.iter().any(u8::is_ascii_control) {
        return Err(SecretProblem::ControlCharacter);
    }
    Ok(())
}

/// Joins two parts, in memory that is wiped when dropped.
pub(crate) fn join(first: &str, second: &str) -> Zeroizing<String> {
    // The whole capacity at once: a string that grows leaves an unwiped copy.
    let mut text = Zeroizing::new(String::with_capacity(first.len() + second.len()));
    text.push_str(first);
    text.push_str(second);
    text
}

/// Joins the bytes of several header values with `between` into one, marked sensitive.
pub(crate) fn join_values(parts: &[&[u8]], between: &[u8]) -> Result<HeaderValue, SecretProblem> {
    wiped(Zeroizing::new(parts.join(between)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_is_marked_sensitive() {
        assert!(header_value("k-123").unwrap().is_sensitive());
    }

    #[test]
    fn each_invalid_header_value_has_its_own_problem() {
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
