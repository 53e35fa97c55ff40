//! A path that servers decode, fold and read again, each in its own way, stays below its prefix.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{ApiKey, AuthError, BindingProblem, Keyring, RequestHead};
use multi_auth_properties::cases;
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use unicode_normalization::UnicodeNormalization;
use url::Url;

const PIECES: &[&str] = &[
    "/",
    "/",
    "..",
    ".",
    "%2e",
    "%2E",
    "%252e",
    "%25252e",
    "%2f",
    "%5c",
    "\\",
    "%255c",
    ";",
    ";a",
    "%3b",
    ":",
    "::$DATA",
    "%3a%3a$INDEX_ALLOCATION",
    "%00",
    "%09",
    "%0a",
    "%0d",
    "%2509",
    "%20",
    "%23",
    "%3f",
    "%253f",
    "a",
    "v1",
    "%c0%ae",
    "%c0%af",
    "%e0%80%ae",
    "%25",
    "%u002e",
    "u002e",
    "x2e",
    "...",
    "%7f",
    "%",
    "2",
    "e",
    "\u{ff0e}",
    "%ef%bc%8e",
    "%ef%bc%8f",
    "%ef%bc%bc",
    "%ef%bc%85",
    "%ef%bc%9a",
    "%ef%bc%9b",
    "%25ef%25bc%258e",
    "%e2%80%a4",
    "%e2%80%a5",
    "%e2%80%8b",
    "%c2%ad",
    "%e3%80%80",
    "%e2%88%95",
    "%c3%a9",
];

/// What one server makes of a path before it takes it apart.
type Read = fn(&str) -> String;

const READERS: &[Read] = &[
    |path| percent_decode_str(path).decode_utf8_lossy().into_owned(),
    |path| path.nfkc().collect(),
    |path| path.replace(['\u{200b}', '\u{ad}', '\u{feff}'], ""),
    |path| path.replace(['\u{2215}', '\u{2044}'], "/"),
    |path| path.replace('\\', "/"),
    |path| path.replace(['\t', '\r', '\n'], ""),
    |path| path.split('\0').next().unwrap_or_default().to_owned(),
    |path| path.split(['?', '#']).next().unwrap_or_default().to_owned(),
    // Matrix parameters, alternate data streams, and spaces at the end of a name.
    |path| segments(path, |name| name.split(';').next().unwrap_or_default()),
    |path| segments(path, |name| name.split(':').next().unwrap_or_default()),
    |path| {
        segments(path, |name| {
            name.trim_end_matches(|letter: char| letter.is_whitespace())
        })
    },
    |path| escapes(path, "%u", 4),
    |path| escapes(path, "\\u", 4),
    |path| escapes(path, "\\x", 2),
    overlong,
];

fn segments(path: &str, name: impl Fn(&str) -> &str) -> String {
    path.split('/').map(name).collect::<Vec<_>>().join("/")
}

/// `mark` and so many hexadecimal digits as the character that they stand for.
fn escapes(path: &str, mark: &str, digits: usize) -> String {
    let mut pieces = path.split(mark);
    let mut read = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let code = piece
            .get(..digits)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        if let Some(letter) = code.and_then(char::from_u32) {
            read.push(letter);
            read.push_str(&piece[digits..]);
        } else {
            read.push_str(mark);
            read.push_str(piece);
        }
    }
    read
}

/// A lenient reader of UTF-8.
fn overlong(path: &str) -> String {
    let path = path.to_ascii_lowercase();
    let dots = path.replace("%c0%ae", ".").replace("%e0%80%ae", ".");
    dots.replace("%c0%af", "/")
}

/// The paths that a sequence of servers may read in `path`. Each decodes it differently.
fn readings(path: &str, readers: &[Read]) -> Vec<String> {
    let mut texts = vec![path.to_owned()];
    for reader in readers {
        texts.extend(texts.last().map(|text| reader(text)));
    }
    texts
}

/// `path` without its dot segments, as the URL standard has it, and as a server does that reads any
/// number of dots as two.
fn resolved(path: &str) -> Option<[String; 2]> {
    let read = |path: &str| {
        let mut url = Url::parse("https://api.example").ok()?;
        url.set_path(path);
        Some(url.path().to_owned())
    };
    let is_dots = |name: &str| name.len() > 2 && name.bytes().all(|byte| byte == b'.');
    let dotted = segments(path, |name| if is_dots(name) { ".." } else { name });
    Some([read(path)?, read(&dotted)?])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(8192), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_path_that_is_read_again_stays_below_its_prefix(
        pieces in vec(select(PIECES), 0..8),
        mut readers in vec(select(READERS), 0..6),
        layers in 0usize..4,
    ) {
        let path = format!("/v1/{}", pieces.concat());
        let key = ApiKey::authorization("k-1").unwrap();
        let keyring = Keyring::builder().bind("https://api.example/v1", key).unwrap().build();
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        let Ok(uri) = format!("https://api.example{path}").parse::<Uri>() else {
            return Ok(());
        };
        let head = RequestHead::from_uri(&Method::GET, &uri, &headers, &extensions);
        match keyring.ready(&head).unwrap() {
            Ok(credential) => prop_assert!(!credential.is_empty(), "{path} goes out anonymously"),
            Err(AuthError::Unbound { problem: BindingProblem::AmbiguousPath, .. }) => return Ok(()),
            Err(error) => prop_assert!(false, "{path}: {error}"),
        }
        // Three layers of decoding at most, at any place among the other readers.
        readers.retain(|reader| !std::ptr::fn_addr_eq(*reader, READERS[0]));
        for layer in 0..layers {
            let at = (layer * 7 + pieces.len()) % (readers.len() + 1);
            readers.insert(at, READERS[0]);
        }
        for reading in readings(uri.path(), &readers) {
            for reading in resolved(&reading).into_iter().flatten() {
                let is_below = reading == "/v1" || reading.starts_with("/v1/");
                prop_assert!(is_below, "{path} is read as {reading}");
            }
        }
    }
}
