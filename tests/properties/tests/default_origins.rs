//! A target that names no origin gets the credential of the default origin only if a service below
//! that joins the two asks that origin, however it joins them.

use http::uri::PathAndQuery;
use http::{Extensions, HeaderMap, Method, Uri};
use multi_auth::{ApiKey, AuthError, BindingProblem, Keyring, RequestHead};
use multi_auth_properties::cases;
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use url::Url;

const ORIGIN: &str = "https://api.example";

const PIECES: &[&str] = &[
    "/",
    "/",
    "/",
    "\\",
    ".",
    "..",
    "%2e",
    "%2f",
    "%5c",
    "%255c",
    "%09",
    "%ef%bc%8f",
    "evil.example",
    "evil.example:8443",
    "@",
    ":",
    ":80",
    "https:",
    "http://",
    "?",
    "a",
    "v1",
    "*",
    ";",
    "[::1]",
];

/// Where a service asks that joins origin and target by its own rules.
fn joined(target: &str) -> Vec<Url> {
    let Ok(base) = Url::parse(ORIGIN) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    let decoded = percent_decode_str(target).decode_utf8_lossy().into_owned();
    for target in [target, &decoded] {
        all.extend(Url::parse(&format!("{ORIGIN}{target}")).ok());
        if let Ok(url) = base.join(target) {
            // Two services in a row.
            all.extend(base.join(url.path()).ok());
            all.push(url);
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(8192), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_target_that_leads_elsewhere_gets_an_error_and_no_credential(pieces in vec(select(PIECES), 0..6)) {
        let text = pieces.concat();
        let key = ApiKey::authorization("k-1").expect("it is a key");
        let keyring = Keyring::builder().bind(ORIGIN, key).expect("it is an origin").build();
        let (headers, extensions, origin) =
            (HeaderMap::new(), Extensions::new(), Url::parse(ORIGIN).expect("it is a URL"));
        let mut parts = http::uri::Parts::default();
        parts.path_and_query = PathAndQuery::try_from(text.as_str()).ok();
        let built = Uri::from_parts(parts).ok();
        for uri in [text.parse::<Uri>().ok(), built].into_iter().flatten() {
            let is_origin_form = uri.authority().is_none() && uri.path_and_query().is_some();
            let head = RequestHead::from_uri(&Method::GET, &uri, &headers, &extensions);
            let leaves = joined(&uri.to_string()).iter().any(|url| url.origin() != origin.origin());
            match keyring.ready(&head.with_default_origin(&origin)) {
                Some(Ok(credential)) if credential.is_empty() => {
                    prop_assert!(!is_origin_form, "{uri} goes out anonymously");
                }
                Some(Ok(_)) => prop_assert!(!is_origin_form || !leaves, "{uri} gets the credential"),
                Some(Err(AuthError::Unbound { problem: BindingProblem::ForeignTarget, .. })) => prop_assert!(is_origin_form, "{uri}"),
                other => prop_assert!(false, "{uri} gave {other:?}"),
            }
            let is_plain = text.starts_with('/') && !text.contains("//") && !text.contains(['\\', '%']);
            let served = keyring.ready(&head.with_default_origin(&origin));
            prop_assert!(!is_plain || matches!(served, Some(Ok(_))), "{uri} is refused");
        }
    }
}
