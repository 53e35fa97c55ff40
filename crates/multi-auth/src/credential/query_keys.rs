//! Takes a key in the query out of where a redirect leads:
//! `Location: https://www.example.com/v1?api_key=k`.
//!
//! Servers that redirect to another host, or to the same path with a slash at its end, repeat the
//! query they were asked with, key and all.

use std::fmt;
use std::sync::Arc;

use http::header::{HeaderMap, HeaderValue, LOCATION};
use percent_encoding::percent_decode;
use secrecy::zeroize::Zeroizing;
use url::{Url, form_urlencoded};

use super::{Attachment, Credential, Pair};
use crate::{RequestHead, secret};

/// The query parameters that a credential set, to be taken out of URLs that others see.
///
/// They are known by their values, with their prefix and without, spelled as text or
/// percent-encoded however often. What leads to another origin loses what has their name too,
/// whatever its value. What a server encodes otherwise (base64, JSON escapes) is not found. A clone
/// is cheap; `Debug` shows the names alone.
#[derive(Clone)]
pub struct QueryKeys(Arc<[Key]>);

/// A key stands in a `Location` where it cannot be taken out.
struct MustGo;

/// A parameter as its server reads it.
struct Key {
    name: String,
    value: Zeroizing<Vec<u8>>,
    /// The value decoded as often as it can be: what is left of it where only a part of it was
    /// encoded.
    bare: Zeroizing<Vec<u8>>,
}

impl Credential {
    /// The query parameters that it sets, if it sets any.
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
    /// Each of `params`, a `name=value` as it stands in a query; `None` if there are none.
    pub(crate) fn of<'a>(params: impl Iterator<Item = &'a str>) -> Option<Self> {
        let keys: Vec<_> = params.map(Key::of).collect();
        (!keys.is_empty()).then(|| Self(keys.into()))
    }

    /// Takes the keys out of the `Location` in `headers`, which answers `asked`, so that neither
    /// whoever follows it nor whoever logs it has them. One that holds a key elsewhere than in a
    /// parameter, and one that is longer than 16 KiB, is taken out whole. One that leads to another
    /// origin is cleaned as by
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

    /// The field without its keys; `None` if it may stay as it is.
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
            // Nobody knows how it will be read: what would have to be changed in it is taken out
            // whole.
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

    /// `reference` (RFC 3986, 4.1) without the parameters that show a key. `None` if a key stands
    /// elsewhere in it.
    #[must_use]
    pub fn remove_from(&self, reference: &str) -> Option<String> {
        self.without_keys(reference, Leads::Home)
    }

    /// The same for a `reference` that leads to another origin than the one that was asked. Left
    /// out as well are the parameters that have a key's name, in whatever case of letters and with
    /// whatever value, and those whose value is a key of any length.
    #[must_use]
    pub fn remove_from_foreign(&self, reference: &str) -> Option<String> {
        self.without_keys(reference, Leads::Away)
    }

    fn without_keys(&self, reference: &str, leads: Leads) -> Option<String> {
        // Who reads a URL drops these first (URL standard, 4.4).
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

    /// Whether a key's value stands in `text`, percent-encoded however often.
    fn show_in(&self, text: &[u8]) -> bool {
        let mut text = Zeroizing::new(text.to_vec());
        for _ in 0..LAYERS {
            let shows = |key: &Key| key.value.len() >= SHORTEST && contains(&text, &key.value);
            if self.0.iter().any(shows) {
                return true;
            }
            let next = decoded_once(&text);
            if next.len() == text.len() {
                // `%41` in a key may have stayed as it is, where a space in it was encoded.
                let shows = |key: &Key| key.bare.len() >= SHORTEST && contains(&text, &key.bare);
                return self.0.iter().any(shows);
            }
            text = next;
        }
        // Encoded so often that nobody meant well.
        true
    }

    /// These keys and those of `other`.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let keys = self.0.iter().chain(other.0.iter());
        Self(keys.map(Key::copy).collect())
    }
}

/// How often a URL may have been put into a parameter of another.
const LAYERS: usize = 6;

/// What is shorter stands in many URLs by chance: it is taken out only where it has its own name.
const SHORTEST: usize = 8;

/// The longest `Location` that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// Where a reference leads, seen from the origin that was asked with the keys.
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

/// The origin of a request that names none: only a relative reference leads there.
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

    /// Whether the value, not encoded, would be taken for several parts of a URL.
    fn is_divided(&self) -> bool {
        self.value.iter().any(|byte| b"&#?".contains(byte))
    }
}

/// `text` with one layer of percent-encoding less.
fn decoded_once(text: &[u8]) -> Zeroizing<Vec<u8>> {
    // Room for all of it at once: a vector that grows leaves a copy behind.
    let mut next = Zeroizing::new(Vec::with_capacity(text.len()));
    next.extend(percent_decode(text));
    next
}

/// Whether `value` stands in `text`. A plus sign is a space in a form, and nobody says how often
/// `text` is one.
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
