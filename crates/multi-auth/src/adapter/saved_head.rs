//! A copy of a request's target and header fields that costs one allocation.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::zeroize::Zeroize;

/// A copy of a request's target and header fields, for a replay that rarely happens. It allocates
/// once. A clone of a [`HeaderMap`] allocates twice, and once more for each value that was never
/// cloned before.
///
/// Order, repeated fields and [sensitive](HeaderValue::is_sensitive) values survive. A copy with a
/// sensitive value is wiped when it is dropped. `Debug` prints neither target nor fields.
///
/// ```
/// use http::{HeaderMap, header::ACCEPT};
/// use multi_auth::adapter::SavedHead;
///
/// let mut headers = HeaderMap::new();
/// headers.append(ACCEPT, "text/html".parse()?);
/// headers.append(ACCEPT, "application/json".parse()?);
/// let saved = SavedHead::new("/v1", &headers);
/// assert_eq!(saved.target(), "/v1");
/// assert_eq!(saved.headers(), headers);
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
pub struct SavedHead {
    /// The target, then each field as [`lengths`], name and value.
    text: Vec<u8>,
    target: usize,
    is_sensitive: bool,
}

/// The lengths of a field's name and value. The lowest bit of the second says that the value is
/// sensitive.
const LENGTHS: usize = size_of::<u16>() + size_of::<usize>();

impl SavedHead {
    /// Copies `target` and `headers`. Leave `target` empty if you keep it elsewhere.
    #[must_use]
    pub fn new(target: &str, headers: &HeaderMap) -> Self {
        let (mut length, mut is_sensitive) = (target.len(), false);
        for (name, value) in headers {
            length += LENGTHS + name.as_str().len() + value.len();
            is_sensitive |= value.is_sensitive();
        }
        let mut text = Vec::with_capacity(length);
        text.extend_from_slice(target.as_bytes());
        for (name, value) in headers {
            let name = name.as_str().as_bytes();
            text.extend_from_slice(&lengths(name, value));
            text.extend_from_slice(name);
            text.extend_from_slice(value.as_bytes());
        }
        Self {
            text,
            target: target.len(),
            is_sensitive,
        }
    }

    /// The target as it was.
    #[must_use]
    pub fn target(&self) -> &str {
        let target = self.text.get(..self.target);
        std::str::from_utf8(target.unwrap_or_default()).unwrap_or_default()
    }

    /// Whether `target` is the target.
    #[must_use]
    pub fn is_target(&self, target: &str) -> bool {
        self.text.get(..self.target) == Some(target.as_bytes())
    }

    /// The header fields as they were.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut rest = self.text.get(self.target..).unwrap_or_default();
        while let Some((name, value, after)) = split_field(rest) {
            headers.append(name, value);
            rest = after;
        }
        headers
    }
}

fn lengths(name: &[u8], value: &HeaderValue) -> [u8; LENGTHS] {
    // A name has at most 65,535 bytes (`HeaderName`), a value at most `isize::MAX`.
    let name_length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    let value_length = (value.len() << 1) | usize::from(value.is_sensitive());
    let mut lengths = [0; LENGTHS];
    let (first, second) = lengths.split_at_mut(size_of::<u16>());
    first.copy_from_slice(&name_length.to_ne_bytes());
    second.copy_from_slice(&value_length.to_ne_bytes());
    lengths
}

/// The first field of `text`, and what follows it.
fn split_field(text: &[u8]) -> Option<(HeaderName, HeaderValue, &[u8])> {
    let (name_length, text) = text.split_first_chunk()?;
    let (value_length, text) = text.split_first_chunk()?;
    let value_length = usize::from_ne_bytes(*value_length);
    let (name, text) = text.split_at_checked(u16::from_ne_bytes(*name_length).into())?;
    let (value, rest) = text.split_at_checked(value_length >> 1)?;
    let mut value = HeaderValue::from_bytes(value).ok()?;
    value.set_sensitive(value_length & 1 == 1);
    Some((HeaderName::from_bytes(name).ok()?, value, rest))
}

impl Drop for SavedHead {
    fn drop(&mut self) {
        if self.is_sensitive {
            self.text.zeroize();
        }
    }
}

impl fmt::Debug for SavedHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedHead").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_repeated_fields_and_sensitive_values_survive() {
        let mut headers = HeaderMap::new();
        let mut secret = HeaderValue::from_static("k-1");
        secret.set_sensitive(true);
        headers.append("x-trace", HeaderValue::from_static(""));
        headers.append("authorization", secret);
        headers.append("accept", HeaderValue::from_static("a"));
        headers.append("x-gone", HeaderValue::from_static("b"));
        headers.append(
            "accept",
            HeaderValue::try_from(&b"\xFF\x80 \t"[..]).unwrap(),
        );
        headers.append("x-last", HeaderValue::from_static("c"));
        headers.remove("x-gone");
        let saved = SavedHead::new("/ä?%", &headers);
        assert_eq!(saved.target(), "/ä?%");
        assert!(saved.is_target("/ä?%") && !saved.is_target("/ä?") && !saved.is_target("/ä?%x"));
        let saved = saved.headers();
        let fields = |headers: &HeaderMap| {
            let fields = headers.iter();
            fields
                .map(|(name, value)| {
                    (
                        name.clone(),
                        value.as_bytes().to_vec(),
                        value.is_sensitive(),
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(fields(&saved), fields(&headers));
        assert_eq!(saved, headers);
    }

    #[test]
    fn long_names_and_values_survive() {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_bytes("n".repeat(65_535).as_bytes()).unwrap();
        headers.append(name, "v".repeat(1_000_000).parse().unwrap());
        assert_eq!(SavedHead::new("", &headers).headers(), headers);
        assert_eq!(
            SavedHead::new("", &HeaderMap::new()).headers(),
            HeaderMap::new()
        );
    }
}
