//! A copy of header fields that costs one allocation.

use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::zeroize::Zeroize;

/// A copy of header fields, for a replay that rarely happens: one allocation, where a clone of a
/// [`HeaderMap`] makes two and one more for each value that was never cloned before.
///
/// Order, repeated fields and [sensitive](HeaderValue::is_sensitive) values survive. A copy with a
/// sensitive value is wiped when it is dropped. `Debug` prints no field.
///
/// ```
/// use http::{HeaderMap, header::ACCEPT};
/// use multi_auth::adapter::SavedHeaders;
///
/// let mut headers = HeaderMap::new();
/// headers.append(ACCEPT, "text/html".parse()?);
/// headers.append(ACCEPT, "application/json".parse()?);
/// assert_eq!(SavedHeaders::new(&headers).restore(), headers);
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
pub struct SavedHeaders {
    text: Vec<u8>,
    is_sensitive: bool,
}

/// The lengths of a field's name and value. The lowest bit of the second says that the value is
/// sensitive.
type Lengths = ([u8; size_of::<u16>()], [u8; size_of::<usize>()]);

const LENGTHS: usize = size_of::<u16>() + size_of::<usize>();

impl SavedHeaders {
    /// Copies `headers`.
    #[must_use]
    pub fn new(headers: &HeaderMap) -> Self {
        let field = |(name, value): (&HeaderName, &HeaderValue)| {
            LENGTHS + name.as_str().len() + value.len()
        };
        let mut text = Vec::with_capacity(headers.iter().map(field).sum());
        let mut is_sensitive = false;
        for (name, value) in headers {
            is_sensitive |= value.is_sensitive();
            let (name_length, value_length) = lengths(name, value);
            text.extend_from_slice(&name_length);
            text.extend_from_slice(&value_length);
            text.extend_from_slice(name.as_str().as_bytes());
            text.extend_from_slice(value.as_bytes());
        }
        Self { text, is_sensitive }
    }

    /// The fields as they were.
    #[must_use]
    pub fn restore(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut rest = &*self.text;
        while let Some((name, value, after)) = split_field(rest) {
            headers.append(name, value);
            rest = after;
        }
        headers
    }
}

fn lengths(name: &HeaderName, value: &HeaderValue) -> Lengths {
    // A name has at most 65,535 bytes (`HeaderName`), a value at most `isize::MAX`.
    let name_length = u16::try_from(name.as_str().len()).unwrap_or(u16::MAX);
    let value_length = (value.len() << 1) | usize::from(value.is_sensitive());
    (name_length.to_ne_bytes(), value_length.to_ne_bytes())
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

impl Drop for SavedHeaders {
    fn drop(&mut self) {
        if self.is_sensitive {
            self.text.zeroize();
        }
    }
}

impl fmt::Debug for SavedHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SavedHeaders").finish_non_exhaustive()
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
        headers.append("accept", HeaderValue::from_bytes(b"\xFF\x80 \t").unwrap());
        headers.append("x-last", HeaderValue::from_static("c"));
        headers.remove("x-gone");
        let saved = SavedHeaders::new(&headers).restore();
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
        assert_eq!(SavedHeaders::new(&headers).restore(), headers);
        assert_eq!(
            SavedHeaders::new(&HeaderMap::new()).restore(),
            HeaderMap::new()
        );
    }
}
