//! What a request carries, and what a response changes.

mod challenges;
#[cfg(feature = "md5")]
mod curl;
mod formula;
mod hashlib;
mod headers;
#[cfg(multi_auth_shuttle)]
mod interleavings;
mod judged;
mod late;
mod next_nonce;
mod script;
mod secrets;
mod threads;
mod vectors;

use std::collections::BTreeMap;

use super::*;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request};

fn digest() -> Digest {
    Digest::new("Mufasa", "Circle of Life").unwrap()
}

fn get(url: &str) -> Parts {
    Request::get(url).body(()).unwrap().into_parts().0
}

fn ready(digest: &Digest) -> Credential {
    let parts = get("https://a.example/");
    let request = RequestHead::from_parts(&parts);
    digest.ready(&request).unwrap().unwrap()
}

fn fields(name: &'static str, values: &[&str]) -> HeaderMap {
    let name = HeaderName::from_static(name);
    let field = |text: &&str| (name.clone(), text.parse::<HeaderValue>().unwrap());
    values.iter().map(field).collect()
}

/// The nonce of the next request and its `nc`, such as `n1 2`, or `unsigned`.
fn next(digest: &Digest) -> String {
    let Some(sent) = Sent::by(&ready(digest)) else {
        return "unsigned".to_owned();
    };
    let (nonce, count) = sent.nonce();
    format!("{nonce} {count}")
}

/// The verdict on a 401 with these challenges.
fn refused(digest: &Digest, credential: &Credential, challenges: &[&str]) -> Verdict {
    let headers = fields("www-authenticate", challenges);
    let response = ResponseHead::new(StatusCode::UNAUTHORIZED, &headers);
    digest.judge(credential.id(), &response)
}

/// The verdict on a 200 with this next nonce.
fn accepted(digest: &Digest, credential: &Credential, next: &str) -> Verdict {
    let info = format!("qop=auth, nextnonce=\"{next}\"");
    let headers = fields("authentication-info", &[&info]);
    digest.judge(
        credential.id(),
        &ResponseHead::new(StatusCode::OK, &headers),
    )
}

/// A challenge with SHA-256.
fn sha256(nonce: &str) -> String {
    format!(r#"Digest realm="r", nonce="{nonce}", qop="auth", algorithm=SHA-256"#)
}

/// The parameters of an `Authorization` field, and whether they are quoted.
#[derive(Debug)]
struct Sent(BTreeMap<String, (String, bool)>);

impl Sent {
    /// The credential on a request, if it attaches one.
    fn by(credential: &Credential) -> Option<Self> {
        let mut parts = get("https://a.example/");
        credential.clone().attach(&mut parts).unwrap();
        let value = parts.headers.get("authorization")?;
        assert!(value.is_sensitive());
        Some(Self::parse(value.as_bytes()))
    }

    fn parse(text: &[u8]) -> Self {
        let mut rest = str::from_utf8(text)
            .unwrap()
            .strip_prefix("Digest ")
            .unwrap();
        let mut params = BTreeMap::new();
        loop {
            let (name, value) = rest.split_once('=').unwrap();
            let is_quoted = value.starts_with('"');
            let (value, after) = if is_quoted {
                unquoted(&value[1..])
            } else {
                let end = value.find(", ").unwrap_or(value.len());
                assert!(!value[..end].contains('"'), "{value}");
                (value[..end].to_owned(), &value[end..])
            };
            let known = params.insert(name.to_owned(), (value, is_quoted));
            assert!(known.is_none(), "{name} is there twice");
            match after.strip_prefix(", ") {
                Some(next) => rest = next,
                None => break assert_eq!(after, ""),
            }
        }
        Self(params)
    }

    fn get(&self, name: &str) -> &str {
        self.find(name)
            .unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|(value, _)| value.as_str())
    }

    /// The nonce, and how often it was used.
    fn nonce(&self) -> (&str, u32) {
        let count = u32::from_str_radix(self.get("nc"), 16).unwrap();
        (self.get("nonce"), count)
    }
}

/// The value up to the closing quote, and what follows it.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(chars.next().unwrap().1),
            c => value.push(c),
        }
    }
    panic!("no closing quote in {text}");
}
