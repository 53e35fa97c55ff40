//! Takes a key in the query out of where a redirect leads: `Location: https://www.example.com/v1?api_key=k`.
//!
//! Servers that redirect to another host, or to the same path with a slash at its end, repeat the
//! query they were asked with, key and all.

use std::fmt;

use http::header::{HeaderMap, HeaderValue, LOCATION};
use secrecy::zeroize::Zeroizing;
use url::form_urlencoded;

use super::{Attachment, Credential, Pair};
use crate::percent::decoded;

/// The query parameters that a credential set, to be taken out of URLs that others see.
///
/// A clone is cheap. `Debug` shows the names alone.
#[derive(Clone)]
pub struct QueryKeys(Vec<Pair>);

impl Credential {
    /// The query parameters that it sets, if it sets any.
    #[must_use]
    pub fn query_keys(&self) -> Option<QueryKeys> {
        let pairs = self
            .attachments()
            .filter_map(|attachment| match attachment {
                Attachment::Query(pair) => Some(pair.clone()),
                Attachment::Header(..) | Attachment::Cookie(_) => None,
            });
        let pairs: Vec<_> = pairs.collect();
        (!pairs.is_empty()).then_some(QueryKeys(pairs))
    }
}

impl QueryKeys {
    /// Takes the keys out of the `Location` in `headers`, so that neither whoever follows it nor whoever
    /// logs it has them. One that holds a key elsewhere than in its query is taken out whole.
    pub fn remove_from_location(&self, headers: &mut HeaderMap) {
        let Some(location) = headers.get(LOCATION) else {
            return;
        };
        let Some(cleaned) = self.remove_from(&String::from_utf8_lossy(location.as_bytes())) else {
            headers.remove(LOCATION);
            return;
        };
        if cleaned.as_bytes() == location.as_bytes() {
            return;
        }
        match HeaderValue::try_from(cleaned.as_str()) {
            Ok(cleaned) => headers.insert(LOCATION, cleaned),
            Err(_) => headers.remove(LOCATION),
        };
    }

    /// `reference` (RFC 3986, 4.1) without the parameters that are named as a key is, or show one.
    /// `None` if a key stands elsewhere in it.
    #[must_use]
    pub fn remove_from(&self, reference: &str) -> Option<String> {
        let (target, fragment) = split(reference, '#');
        let (path, query) = split(target, '?');
        let kept = query.map(|query| self.without_keys(query));
        let mut cleaned = path.to_owned();
        for (mark, part) in [('?', kept.as_deref()), ('#', fragment)] {
            if let Some(part) = part {
                cleaned.push(mark);
                cleaned.push_str(part);
            }
        }
        (!self.show_in(&cleaned)).then_some(cleaned)
    }

    fn without_keys(&self, query: &str) -> String {
        let params = query.split('&');
        let kept: Vec<_> = params.filter(|param| !self.stand_in(param)).collect();
        kept.join("&")
    }

    fn stand_in(&self, param: &str) -> bool {
        let name = form_urlencoded::parse(param.as_bytes()).next();
        let is_named = |pair: &Pair| {
            name.as_ref()
                .is_some_and(|(name, _)| *name == pair.plain().0)
        };
        self.0.iter().any(is_named) || self.show_in(param)
    }

    /// Whether a key's value stands in `text`, percent-encoded however often.
    fn show_in(&self, text: &str) -> bool {
        let mut text = Zeroizing::new(text.as_bytes().to_vec());
        for _ in 0..LAYERS {
            if self
                .0
                .iter()
                .any(|pair| contains(&text, pair.plain().1.as_bytes()))
            {
                return true;
            }
            *text = decoded(text.iter().copied()).collect();
        }
        false
    }
}

/// How often a URL may have been put into a parameter of another.
const LAYERS: usize = 4;

/// What is shorter is no key, and stands in most URLs by chance.
const SHORTEST: usize = 4;

impl Pair {
    /// The parameter's name and value as its server reads them.
    fn plain(&self) -> (String, Zeroizing<String>) {
        let pair = form_urlencoded::parse(self.as_str().as_bytes()).next();
        let (name, value) = pair.unwrap_or_default();
        (name.into_owned(), Zeroizing::new(value.into_owned()))
    }
}

fn contains(text: &[u8], value: &[u8]) -> bool {
    value.len() >= SHORTEST && text.windows(value.len()).any(|piece| piece == value)
}

fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

impl fmt::Debug for QueryKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.iter().map(Pair::name);
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Placement;

    fn keys() -> QueryKeys {
        let key = "k-123 &%".to_owned().into();
        let credential = Placement::query("api_key").unwrap().credential(&key);
        credential.unwrap().query_keys().unwrap()
    }

    /// case 177
    #[test]
    fn a_key_is_taken_out_of_a_query_however_it_is_spelled() {
        for (reference, expected) in [
            (
                "https://a.example/v1?a=1&api_key=k-123%20%26%25&b=2",
                "https://a.example/v1?a=1&b=2",
            ),
            ("/v1/?api_key=k-123+%26%25", "/v1/?"),
            ("?api%5Fkey=other&a", "?a"),
            ("//a.example?x=k-123%20%26%25#top", "//a.example?#top"),
            (
                "/login?next=%2Fv1%3Fapi_key%3Dk-123%2520%2526%2525&a=1",
                "/login?a=1",
            ),
            ("/v1?a=k-12", "/v1?a=k-12"),
            ("/v1", "/v1"),
            ("", ""),
        ] {
            assert_eq!(keys().remove_from(reference).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_location_with_a_key_elsewhere_is_taken_out_whole() {
        for reference in [
            "/k-123%20%26%25/",
            "/v1#k-123%20%26%25",
            "https://k-123 &%@a.example",
        ] {
            assert_eq!(keys().remove_from(reference), None, "{reference}");
            let mut headers = HeaderMap::new();
            headers.insert(LOCATION, HeaderValue::try_from(reference).unwrap());
            keys().remove_from_location(&mut headers);
            assert!(headers.is_empty());
        }
    }

    /// case 185
    #[test]
    fn debug_shows_the_names_alone() {
        assert_eq!(format!("{:?}", keys()), r#"["api_key"]"#);
    }
}
