//! A redirect that repeats keys in spellings of which each part may be encoded otherwise than its
//! neighbour.

#![allow(
    clippy::unwrap_used,
    reason = "a property panics where it does not hold"
)]

use std::fmt::Write;

use multi_auth::Placement;
use multi_auth_properties::cases;
use percent_encoding::percent_decode;
use proptest::collection::vec;
use proptest::prelude::*;
use url::Url;

/// How a URL library writes a parameter that it is given decoded: `%41` stays as it is, a space
/// does not.
fn as_query(text: &str) -> String {
    let mut url = Url::parse("https://api.example").unwrap();
    url.set_query(Some(text));
    url.query().unwrap().to_owned()
}

/// Each character as it is, or percent-encoded once, as `choice` says.
fn mixed(text: &str, choice: &[bool]) -> String {
    let mut choice = choice.iter().cycle();
    let mut written = String::new();
    for byte in text.bytes() {
        if *choice.next().unwrap() || !byte.is_ascii_alphanumeric() {
            write!(written, "%{byte:02x}").unwrap();
        } else {
            written.push(char::from(byte));
        }
    }
    written
}

/// All that is encoded in `text`, decoded as often as there is something left, with every plus sign
/// as a space.
fn bare(text: &[u8]) -> Vec<u8> {
    let decoded: Vec<u8> = percent_decode(text).collect();
    if decoded == text {
        let spaced = |byte| if byte == b'+' { b' ' } else { byte };
        return decoded.into_iter().map(spaced).collect();
    }
    bare(&decoded)
}

fn shows(text: &str, key: &str) -> bool {
    let (text, key) = (bare(text.as_bytes()), bare(key.as_bytes()));
    key.len() >= 8 && text.windows(key.len()).any(|piece| piece == key)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(4096), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_key_is_left_in_any_mixture_of_encodings(
        one in "[a-zé][a-z0-9é +%&=#?/;:@!']{6,14}[a-z]",
        two in "[a-z0-9%+ ]{0,6}[a-z]",
        layers in vec(prop_oneof![Just(None), vec(any::<bool>(), 1..6).prop_map(Some)], 0..4),
        order in any::<bool>(),
    ) {
        let longer = format!("{one}{two}");
        let keys = if order { [&one, &longer] } else { [&longer, &one] };
        let [first, second] = ["api_key", "app_key"].map(|name| Placement::query(name).unwrap());
        let credential = first.credential(&keys[0].as_str().into()).unwrap();
        let other = second.credential(&keys[1].as_str().into()).unwrap();
        let both = credential.and(other).unwrap().query_keys().unwrap();
        let mut parts = Vec::new();
        for key in keys {
            let written = layers.iter().fold(key.clone(), |text, layer| match layer {
                None => as_query(&text),
                Some(choice) => mixed(&text, choice),
            });
            parts.push(written);
        }
        for location in [
            format!("/v1?a=1&x={}&b=2", parts[0]),
            format!("/v1?x={}&y={}", parts[0], parts[1]),
            format!("/v1?x={}&api_key={}", parts[1], parts[0]),
            format!("https://other.example/{}", parts[1]),
        ] {
            let left = both.remove_from(&location).unwrap_or_default();
            for key in keys {
                prop_assert!(!shows(&left, key), "{key:?} in {location} -> {left}");
            }
        }
    }
}
