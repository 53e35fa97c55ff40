//! A redirect that repeats the key it was asked with, encoded as servers do it, once or several
//! times.

use multi_auth::Placement;
use multi_auth_properties::cases;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use url::form_urlencoded;

type Encode = fn(&str) -> String;

const ENCODERS: [Encode; 4] = [
    |text| form_urlencoded::byte_serialize(text.as_bytes()).collect(),
    |text| percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string(),
    |text| {
        percent_encode(text.as_bytes(), NON_ALPHANUMERIC)
            .to_string()
            .to_lowercase()
    },
    // As a server does that knows of no character but those which would end the parameter.
    |text| {
        text.replace('%', "%25")
            .replace('&', "%26")
            .replace('#', "%23")
    },
];

const PLACES: &[&str] = &[
    "/v1?x=KEY",
    "/v1?a=1&api_key=KEY&b=2",
    "/login?next=/v2?x=KEY&a=1",
    "https://other.example/KEY/v1",
    "//user:KEY@other.example",
    "/v1;x=KEY?a=1#top",
    "/v1#KEY",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_repeated_key_is_taken_out(
        key in "[a-zé][a-zé +%&=#?/;:@]{8,14}[a-z]",
        encoders in vec(select(&ENCODERS[..]), 0..4),
        place in select(PLACES),
    ) {
        let credential = Placement::query("api_key").unwrap().credential(&key.as_str().into()).unwrap();
        let repeated = encoders.iter().fold(key, |text, encode| encode(&text));
        let location = place.replace("KEY", &repeated);
        let left = credential.query_keys().unwrap().remove_from(&location);
        let is_left = left.is_some_and(|left| left.contains(&repeated));
        prop_assert!(!is_left, "{location}");
    }
}
