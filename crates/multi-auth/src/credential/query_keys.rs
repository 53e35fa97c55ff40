//! Removes keys of the query from a redirect's `Location: https://www.example.com/v1?api_key=k`.
//!
//! A server that redirects to another host, or to the same path with a trailing slash, repeats the
//! request's query with the key in it.

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue, LOCATION};
use percent_encoding::percent_decode;
use secrecy::zeroize::Zeroizing;
use url::{Url, form_urlencoded};

use super::{Attachment, Credential, Pair};
use crate::{RequestHead, secret};

/// The query parameters that a credential set, to be removed from URLs that others see.
///
/// They are found by value, with and without their prefix, plain or percent-encoded any number of
/// times. A URL of another origin also loses every parameter with one of their names. Other
/// encodings (base64, JSON escapes) are not found. A clone is cheap. `Debug` prints the names only.
#[derive(Clone)]
pub struct QueryKeys(Arc<[Key]>);

/// A key is in a `Location` where it cannot be removed.
struct MustGo;

/// A parameter as a server decodes it.
struct Key {
    name: String,
    value: Zeroizing<Vec<u8>>,
    /// The value, fully decoded: a server may encode only part of it.
    bare: Zeroizing<Vec<u8>>,
}

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

    /// Removes the keys from the `Location` in `headers`, those of the response to `asked`. A
    /// `Location` with a key outside its parameters, or longer than 16 KiB, is removed as a whole.
    /// One that leads to another origin is treated as by
    /// [`remove_from_foreign`](Self::remove_from_foreign).
    pub fn remove_from_location(&self, asked: &RequestHead<'_>, headers: &mut HeaderMap) {
        let locations = headers.get_all(LOCATION).into_iter();
        let cleaned: Result<Vec<_>, MustGo> = locations
            .map(|location| self.cleaned(location, asked))
            .collect();
        let Ok(cleaned) = cleaned else {
            headers.remove(LOCATION);
            return;
        };
        if cleaned.iter().all(Option::is_none) {
            return;
        }
        let before = headers.get_all(LOCATION).into_iter().cloned().zip(cleaned);
        let after: Vec<_> = before
            .map(|(before, cleaned)| cleaned.unwrap_or(before))
            .collect();
        headers.remove(LOCATION);
        for location in after {
            headers.append(LOCATION, location);
        }
    }

    /// The field without the keys; `None` if it has none.
    fn cleaned(
        &self,
        location: &HeaderValue,
        asked: &RequestHead<'_>,
    ) -> Result<Option<HeaderValue>, MustGo> {
        let bytes = location.as_bytes();
        if bytes.len() > LONGEST {
            return Err(MustGo);
        }
        let leads = Leads::from(asked, &String::from_utf8_lossy(bytes));
        let Ok(text) = std::str::from_utf8(bytes) else {
            // Clients read such a field in different ways, so one with a key is removed as a whole.
            let text = String::from_utf8_lossy(bytes);
            let is_kept = self.without_keys(&text, leads).as_deref() == Some(&*text);
            return (is_kept && !self.show_in(bytes))
                .then_some(None)
                .ok_or(MustGo);
        };
        let cleaned = self.without_keys(text, leads).ok_or(MustGo)?;
        if cleaned == text {
            return Ok(None);
        }
        HeaderValue::try_from(cleaned).map(Some).map_err(|_| MustGo)
    }

    /// `reference` (RFC 3986, 4.1) without the parameters that show a key; `None` if a key is
    /// elsewhere in it.
    #[must_use]
    pub fn remove_from(&self, reference: &str) -> Option<String> {
        self.without_keys(reference, Leads::Home)
    }

    /// The same for a `reference` to another origin. It also loses every parameter with a key's
    /// name, in any case and with any value, and every parameter whose value is a key, however
    /// short.
    #[must_use]
    pub fn remove_from_foreign(&self, reference: &str) -> Option<String> {
        self.without_keys(reference, Leads::Away)
    }

    fn without_keys(&self, reference: &str, leads: Leads) -> Option<String> {
        // URL parsers drop these characters first (URL standard, 4.4).
        let text = &*reference.replace(['\t', '\r', '\n'], "");
        let has_short = self.0.iter().any(|key| key.value.len() < SHORTEST);
        if leads == Leads::Home && !has_short && !self.show_in(text.as_bytes()) {
            return Some(reference.to_owned());
        }
        let (target, fragment) = split(text, '#');
        let (path, query) = split(target, '?');
        let kept = query.map(|query| {
            let kept = query
                .split('&')
                .filter(|param| !self.stand_in(param, leads));
            kept.collect::<Vec<_>>().join("&")
        });
        if leads == Leads::Away && kept.as_deref() == query && !self.show_in(text.as_bytes()) {
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
            .any(|key| contains(text.as_bytes(), &key.value) && key.is_divided());
        (!is_split && !self.show_in(cleaned.as_bytes())).then_some(cleaned)
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

    fn stand_in(&self, param: &str, leads: Leads) -> bool {
        let is_foreign = leads == Leads::Away;
        !param.is_empty()
            && (self.has(param)
                || self.show_in(param.as_bytes())
                || (is_foreign && self.are_meant_by(param)))
    }

    /// Whether `param`, or a parameter of a URL in it, has a key's name or a key as its value.
    fn are_meant_by(&self, param: &str) -> bool {
        let mut text = Zeroizing::new(param.as_bytes().to_vec());
        for _ in 0..LAYERS {
            let mut pieces = text.split(|byte| b"?&;#".contains(byte));
            if pieces.any(|piece| self.0.iter().any(|key| key.is_meant_by(piece))) {
                return true;
            }
            text = decoded_once(&text);
        }
        false
    }

    /// Whether the value of a key is in `text`, percent-encoded any number of times.
    fn show_in(&self, text: &[u8]) -> bool {
        let mut text = Zeroizing::new(text.to_vec());
        for _ in 0..LAYERS {
            let shows = |key: &Key| key.value.len() >= SHORTEST && contains(&text, &key.value);
            if self.0.iter().any(shows) {
                return true;
            }
            let next = decoded_once(&text);
            if next.len() == text.len() {
                // A server may leave `%41` in a key unchanged, and encode a space in it.
                let shows = |key: &Key| key.bare.len() >= SHORTEST && contains(&text, &key.bare);
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

/// How deep URLs may be nested as parameters of other URLs.
const LAYERS: usize = 6;

/// A shorter value is in many URLs by chance, so it is removed only under its own name.
const SHORTEST: usize = 8;

/// The longest `Location` that is searched, in bytes.
const LONGEST: usize = 16 * 1024;

/// Where a reference leads, relative to the origin of the request with the keys.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leads {
    Home,
    Away,
}

impl Leads {
    fn from(asked: &RequestHead<'_>, reference: &str) -> Self {
        let home = match (asked.scheme(), asked.host(), asked.port()) {
            (Some(scheme), Some(host), Some(port)) => format!("{scheme}://{host}:{port}"),
            _ => NOWHERE.to_owned(),
        };
        let base = Url::parse(&home).or_else(|_| Url::parse(NOWHERE));
        match base.map(|base| {
            base.join(reference)
                .map(|url| url.origin() == base.origin())
        }) {
            Ok(Ok(true)) => Self::Home,
            _ => Self::Away,
        }
    }
}

/// For a request without an origin, which only a relative reference can name.
const NOWHERE: &str = "https://origin.invalid";

impl Key {
    /// The key in `pair` that begins at `start`, if it has a prefix.
    fn without_prefix(pair: &Pair, start: usize) -> Option<Self> {
        let name = pair.name();
        let bare = pair.as_str().get(start..)?;
        (start > name.len() + "=".len())
            .then(|| Self::of(&secret::join(&secret::join(name, "="), bare)))
    }

    /// Whether `piece`, a `name=value` of a query, has this key's name or this key as its value.
    fn is_meant_by(&self, piece: &[u8]) -> bool {
        let end = piece.iter().position(|&byte| byte == b'=');
        let (name, value) = piece.split_at(end.unwrap_or(piece.len()));
        let is_value = |value: &[u8]| is_same(value, &self.value) || is_same(value, &self.bare);
        let name = String::from_utf8_lossy(name).replace('+', " ");
        name.to_lowercase() == self.name.to_lowercase() || value.get(1..).is_some_and(is_value)
    }

    fn of(param: &str) -> Self {
        let pair = form_urlencoded::parse(param.as_bytes()).next();
        let (name, value) = pair.unwrap_or_default();
        let value = Zeroizing::new(value.into_owned().into_bytes());
        let mut bare = value.clone();
        for _ in 0..LAYERS {
            if !bare.contains(&b'%') {
                break;
            }
            bare = decoded_once(&bare);
        }
        Self {
            name: name.into_owned(),
            value,
            bare,
        }
    }

    fn copy(&self) -> Self {
        Self {
            name: self.name.clone(),
            value: self.value.clone(),
            bare: self.bare.clone(),
        }
    }

    /// Whether the value, not encoded, would be several parts of a URL.
    fn is_divided(&self) -> bool {
        self.value.iter().any(|byte| b"&#?".contains(byte))
    }
}

/// `text`, percent-decoded once.
fn decoded_once(text: &[u8]) -> Zeroizing<Vec<u8>> {
    // The whole capacity at once: a vector that grows leaves an unwiped copy.
    let mut next = Zeroizing::new(Vec::with_capacity(text.len()));
    next.extend(percent_decode(text));
    next
}

/// Whether `value` is in `text`. A plus sign may stand for a space, as in a form.
fn contains(text: &[u8], value: &[u8]) -> bool {
    !value.is_empty() && text.windows(value.len()).any(|piece| is_same(piece, value))
}

fn is_same(piece: &[u8], value: &[u8]) -> bool {
    let spaced = |&byte: &u8| if byte == b'+' { b' ' } else { byte };
    !value.is_empty() && piece.iter().map(spaced).eq(value.iter().map(spaced))
}

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
