//! One key of the query, and the ways in which a URL can show it.

use percent_encoding::percent_decode;
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded;

use crate::credential::Pair;
use crate::secret;

/// A parameter as a server decodes it.
pub(super) struct Key {
    pub(super) name: String,
    pub(super) value: Zeroizing<Vec<u8>>,
    /// The value, fully decoded: a server may encode only part of it.
    pub(super) decoded: Zeroizing<Vec<u8>>,
}

/// How deep URLs may be nested as parameters of other URLs.
pub(super) const MAX_NESTING: usize = 6;

impl Key {
    /// The key in `pair` that begins at `start`, if it has a prefix.
    pub(super) fn without_prefix(pair: &Pair, start: usize) -> Option<Self> {
        let name = pair.name();
        let decoded = pair.as_str().get(start..)?;
        (start > name.len() + "=".len())
            .then(|| Self::of(&secret::join(&secret::join(name, "="), decoded)))
    }

    /// Whether `piece`, a `name=value` of a query, has this key's name or this key as its value.
    pub(super) fn matches(&self, piece: &[u8]) -> bool {
        let end = piece.iter().position(|&byte| byte == b'=');
        let (name, value) = piece.split_at(end.unwrap_or(piece.len()));
        let is_value = |value: &[u8]| is_same(value, &self.value) || is_same(value, &self.decoded);
        let name = String::from_utf8_lossy(name).replace('+', " ");
        name.to_lowercase() == self.name.to_lowercase() || value.get(1..).is_some_and(is_value)
    }

    pub(super) fn of(param: &str) -> Self {
        let pair = form_urlencoded::parse(param.as_bytes()).next();
        let (name, value) = pair.unwrap_or_default();
        let value = Zeroizing::new(value.into_owned().into_bytes());
        let mut decoded = value.clone();
        for _ in 0..MAX_NESTING {
            if !decoded.contains(&b'%') {
                break;
            }
            decoded = decoded_once(&decoded);
        }
        Self {
            name: name.into_owned(),
            value,
            decoded,
        }
    }

    pub(super) fn copy(&self) -> Self {
        Self {
            name: self.name.clone(),
            value: self.value.clone(),
            decoded: self.decoded.clone(),
        }
    }

    /// Whether the value, not encoded, would be several parts of a URL.
    pub(super) fn has_delimiter(&self) -> bool {
        self.value.iter().any(|byte| b"&#?".contains(byte))
    }
}

/// `text`, percent-decoded once.
pub(super) fn decoded_once(text: &[u8]) -> Zeroizing<Vec<u8>> {
    // The whole capacity at once: a vector that grows leaves an unwiped copy.
    let mut next = Zeroizing::new(Vec::with_capacity(text.len()));
    next.extend(percent_decode(text));
    next
}

/// Whether `value` is in `text`. A plus sign may stand for a space, as in a form.
pub(super) fn contains(text: &[u8], value: &[u8]) -> bool {
    !value.is_empty() && text.windows(value.len()).any(|piece| is_same(piece, value))
}

fn is_same(piece: &[u8], value: &[u8]) -> bool {
    let spaced = |&byte: &u8| if byte == b'+' { b' ' } else { byte };
    !value.is_empty() && piece.iter().map(spaced).eq(value.iter().map(spaced))
}
