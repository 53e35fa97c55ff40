//! A path that is decoded and read again as the URL standard says, as servers in a row do, stays below its prefix.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{ApiKey, Authenticator, Keyring, RequestHead};
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use url::Url;

const PIECES: &[&str] = &[
    "/",
    "/",
    "..",
    ".",
    "%2e",
    "%2E",
    "%252e",
    "%2f",
    "%5c",
    "\\",
    "%255c",
    ";",
    ";a",
    "%3b",
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
    "%25",
    "%u002e",
    "...",
    "%7f",
    "%",
    "2",
    "e",
    "%ef%bc%8f",
    "%e2%80%a4",
];

/// Where servers in a row may take `path` to lead, each of which decodes it once more.
fn readings(path: &str) -> Vec<String> {
    let base = Url::parse("https://api.example/").unwrap();
    let mut text = path.to_owned();
    let mut all = Vec::new();
    for _ in 0..4 {
        if let Ok(url) = base.join(&format!("https://api.example{text}")) {
            all.push(url.path().to_owned());
        }
        text = percent_decode_str(&text).decode_utf8_lossy().into_owned();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    /// case 180
    #[test]
    fn a_path_that_is_read_again_stays_below_its_prefix(pieces in vec(select(PIECES), 0..8)) {
        let path = format!("/v1/{}", pieces.concat());
        let key = ApiKey::authorization("k-1").unwrap();
        let keyring = Keyring::builder().bind("https://api.example/v1", key).unwrap().build();
        let (headers, extensions) = (HeaderMap::new(), Extensions::new());
        let Ok(uri) = format!("https://api.example{path}").parse::<Uri>() else {
            return Ok(());
        };
        let head = RequestHead::from_uri(&Method::GET, &uri, &headers, &extensions);
        if keyring.ready(&head).unwrap().unwrap().is_none() {
            return Ok(());
        }
        for reading in readings(uri.path()) {
            let is_below = reading == "/v1" || reading.starts_with("/v1/");
            prop_assert!(is_below, "{path} is read as {reading}");
        }
    }
}
