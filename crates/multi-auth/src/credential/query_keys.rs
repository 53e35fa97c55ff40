//! Removes keys of the query from a redirect's `Location: https://www.example.com/v1?api_key=k`.
//!
//! A server that redirects to another host, or to the same path with a trailing slash, repeats the
//! request's query with the key in it.

mod key;
mod location;

use std::fmt;
use std::sync::Arc;

use secrecy::zeroize::Zeroizing;
use url::form_urlencoded;

use self::key::{Key, MAX_NESTING, contains, decoded_once};
use self::location::Target;
use super::{Attachment, Credential};

/// The query parameters that a credential set, to be removed from URLs that others see.
///
/// They are found by value, with and without their prefix, plain or percent-encoded any number of
/// times. A URL of another origin also loses every parameter with one of their names. Other
/// encodings (base64, JSON escapes) are not found. A clone is cheap. `Debug` prints the names only.
#[derive(Clone)]
pub struct QueryKeys(Arc<[Key]>);

impl Credential {
    /// The query parameters of this credential, if it has any.
    #[must_use]
    #[inline]
    pub fn query_keys(&self) -> Option<QueryKeys> {
        self.is_in_query().then(|| self.collect_query_keys())
    }

    #[cold]
    fn collect_query_keys(&self) -> QueryKeys {
        let mut keys = Vec::new();
        for attachment in self.attachments() {
            if let Attachment::Query(pair, start) = attachment {
                keys.push(Key::of(pair.as_str()));
                keys.extend(Key::without_prefix(pair, *start));
            }
        }
        QueryKeys(keys.into())
    }
}

impl QueryKeys {
    /// The keys in `params`, each a `name=value` of a query; `None` if there are none.
    pub(crate) fn of<'a>(params: impl Iterator<Item = &'a str>) -> Option<Self> {
        let keys: Vec<_> = params.map(Key::of).collect();
        (!keys.is_empty()).then(|| Self(keys.into()))
    }

    /// `reference` (RFC 3986, 4.1) without the parameters that show a key; `None` if a key is
    /// elsewhere in it.
    #[must_use]
    pub fn remove_from(&self, reference: &str) -> Option<String> {
        self.without_keys(reference, Target::SameOrigin)
    }

    /// The same for a `reference` to another origin. It also loses every parameter with a key's
    /// name, in any case and with any value, and every parameter whose value is a key, however
    /// short.
    #[must_use]
    pub fn remove_from_foreign(&self, reference: &str) -> Option<String> {
        self.without_keys(reference, Target::OtherOrigin)
    }

    fn without_keys(&self, reference: &str, target: Target) -> Option<String> {
        // URL parsers drop these characters first (URL standard, 4.4).
        let text = &*reference.replace(['\t', '\r', '\n'], "");
        let has_short = self.0.iter().any(|key| key.value.len() < MIN_LENGTH);
        if target == Target::SameOrigin && !has_short && !self.are_in(text.as_bytes()) {
            return Some(reference.to_owned());
        }
        let (before_fragment, fragment) = split(text, '#');
        let (path, query) = split(before_fragment, '?');
        let kept = query.map(|query| {
            let kept = query
                .split('&')
                .filter(|param| !self.are_in_param(param, target));
            kept.collect::<Vec<_>>().join("&")
        });
        if target == Target::OtherOrigin
            && kept.as_deref() == query
            && !self.are_in(text.as_bytes())
        {
            return Some(reference.to_owned());
        }
        let mut cleaned = path.to_owned();
        for (mark, part) in [
            ('?', kept.as_deref().filter(|kept| !kept.is_empty())),
            ('#', fragment),
        ] {
            if let Some(part) = part {
                cleaned.push(mark);
                cleaned.push_str(part);
            }
        }
        let is_split = self
            .0
            .iter()
            .any(|key| contains(text.as_bytes(), &key.value) && key.has_delimiter());
        (!is_split && !self.are_in(cleaned.as_bytes())).then_some(cleaned)
    }

    /// Whether `param`, a `name=value` of a query, is one of the keys as they were attached.
    #[must_use]
    pub fn has(&self, param: &str) -> bool {
        let param = form_urlencoded::parse(param.as_bytes()).next();
        param.is_some_and(|(name, value)| {
            let same = |key: &Key| key.name == name && *key.value == *value.as_bytes();
            self.0.iter().any(same)
        })
    }

    fn are_in_param(&self, param: &str, target: Target) -> bool {
        let is_foreign = target == Target::OtherOrigin;
        !param.is_empty()
            && (self.has(param)
                || self.are_in(param.as_bytes())
                || (is_foreign && self.match_foreign(param)))
    }

    /// Whether `param`, or a parameter of a URL in it, has a key's name or a key as its value.
    fn match_foreign(&self, param: &str) -> bool {
        let mut text = Zeroizing::new(param.as_bytes().to_vec());
        for _ in 0..MAX_NESTING {
            let mut pieces = text.split(|byte| b"?&;#".contains(byte));
            if pieces.any(|piece| self.0.iter().any(|key| key.matches(piece))) {
                return true;
            }
            text = decoded_once(&text);
        }
        false
    }

    /// Whether the value of a key is in `text`, percent-encoded any number of times.
    fn are_in(&self, text: &[u8]) -> bool {
        let mut text = Zeroizing::new(text.to_vec());
        for _ in 0..MAX_NESTING {
            let shows = |key: &Key| key.value.len() >= MIN_LENGTH && contains(&text, &key.value);
            if self.0.iter().any(shows) {
                return true;
            }
            let next = decoded_once(&text);
            if next.len() == text.len() {
                // A server may leave `%41` in a key unchanged, and encode a space in it.
                let shows =
                    |key: &Key| key.decoded.len() >= MIN_LENGTH && contains(&text, &key.decoded);
                return self.0.iter().any(shows);
            }
            text = next;
        }
        // No honest server encodes a URL so often.
        true
    }

    /// These keys and those of `other`.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let keys = self.0.iter().chain(other.0.iter());
        Self(keys.map(Key::copy).collect())
    }
}

/// A shorter value is in many URLs by chance, so it is removed only under its own name.
const MIN_LENGTH: usize = 8;

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

impl fmt::Debug for QueryKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|key| &key.name))
            .finish()
    }
}

#[cfg(test)]
mod tests;
