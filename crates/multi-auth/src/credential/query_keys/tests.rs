use http::header::{HeaderMap, HeaderValue, LOCATION};

use super::*;
use crate::{Placement, RequestHead};

fn keys_with(value: &str) -> QueryKeys {
    let credential = Placement::query("api_key")
        .unwrap()
        .credential(&value.into());
    credential.unwrap().query_keys().unwrap()
}

fn keys() -> QueryKeys {
    keys_with("k-12345 %/")
}

#[test]
fn a_key_is_removed_from_a_query_in_any_spelling() {
    for (reference, expected) in [
        (
            "https://a.example/v1?a=1&api_key=k-12345%20%25%2F&b=2",
            "https://a.example/v1?a=1&b=2",
        ),
        ("/v1/?api_key=k-12345+%25/", "/v1/"),
        ("//a.example?x=k-12345%20%25/#top", "//a.example#top"),
        (
            "/login?next=%2Fv1%3Fapi_key%3Dk-12345%2520%2525%252F&a=1",
            "/login?a=1",
        ),
        ("/login?next=/v1?api_key%3Dk-12345+%2525/&a=1", "/login?a=1"),
        ("/v1?a=1;api_key=k-12345%20%25/", "/v1"),
        ("/v1?x=k-12\t345%20%25/&a=1", "/v1?a=1"),
        ("/v1?a=k-1234", "/v1?a=k-1234"),
        ("/v1?api_key=anothers", "/v1?api_key=anothers"),
        ("/v1?", "/v1?"),
        ("/v1", "/v1"),
        ("", ""),
    ] {
        assert_eq!(
            keys().remove_from(reference).as_deref(),
            Some(expected),
            "{reference}"
        );
    }
}

/// Whoever writes a URL from decoded parts encodes a space, and leaves `%41` as it is.
#[test]
fn a_partly_encoded_key_is_found_in_another_parameter() {
    let keys = keys_with("canary %41%2f12");
    for reference in [
        "/v1?x=canary%20%41%2f12&a=1",
        "/v1?x=canary+%2541%2F12&a=1",
        "/v1?next=/v2?x%3Dcanary%2520%2541/12&a=1",
    ] {
        assert_eq!(
            keys.remove_from(reference).as_deref(),
            Some("/v1?a=1"),
            "{reference}"
        );
    }
}

/// In a form a space is a plus sign, and a plus sign is encoded.
#[test]
fn a_key_with_plus_signs_and_spaces_is_found_in_another_parameter() {
    let keys = keys_with("canary+12 34");
    for reference in [
        "/v1?x=canary%2B12+34&a=1",
        "/v1?next=/v2?x%3Dcanary%252B12%2B34&a=1",
        "/v1?x=canary+12%2034&a=1",
    ] {
        assert_eq!(
            keys.remove_from(reference).as_deref(),
            Some("/v1?a=1"),
            "{reference}"
        );
    }
}

#[test]
fn a_short_key_is_removed_only_under_its_name() {
    let eight = keys_with("12345678");
    assert_eq!(eight.remove_from("/v1?x=12345678").as_deref(), Some("/v1"));
    let seven = keys_with("1234567");
    assert_eq!(
        seven.remove_from("/v1?x=1234567").as_deref(),
        Some("/v1?x=1234567")
    );
    let keys = keys_with("demo");
    for (reference, expected) in [
        (
            "/v2/demo/items?api%5Fkey=demo&a=demo",
            "/v2/demo/items?a=demo",
        ),
        ("/v2/demo", "/v2/demo"),
    ] {
        assert_eq!(keys.remove_from(reference).as_deref(), Some(expected));
    }
}

/// Of an answer of `https://a.example`.
fn remove_from_location(keys: &QueryKeys, headers: &mut HeaderMap) {
    let request = http::Request::get("https://a.example/v1").body(()).unwrap();
    let (request, ()) = request.into_parts();
    keys.remove_from_location(&RequestHead::from_parts(&request), headers);
}

fn cleaned(keys: &QueryKeys, locations: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut headers = HeaderMap::new();
    for location in locations {
        headers.append(LOCATION, HeaderValue::try_from(*location).unwrap());
    }
    remove_from_location(keys, &mut headers);
    let left = headers.get_all(LOCATION).into_iter();
    left.map(|value| value.as_bytes().to_vec()).collect()
}

#[test]
fn a_location_with_a_key_outside_its_query_is_removed() {
    for location in [
        "/k-12345%20%25%2F/",
        "/v1#k-12345%20%25/",
        "https://k-12345 %/@a.example",
    ] {
        assert_eq!(keys().remove_from(location), None, "{location}");
        assert!(cleaned(&keys(), &[location.as_bytes()]).is_empty());
    }
    // As text its second half would be a parameter of its own.
    assert_eq!(
        keys_with("canary&12345678").remove_from("/v1?x=canary&12345678"),
        None
    );
    // The first parameter goes, and half of the second key would be left.
    assert_eq!(
        keys_with("canary&12345678").remove_from("/v1?x=canary%2612345678canary&12345678"),
        None
    );
    let often = format!("/v1?x=%{}41", "25".repeat(20));
    assert_eq!(cleaned(&keys(), &[often.as_bytes()]), [b"/v1"]);
}

#[test]
fn a_location_over_16_kib_is_removed() {
    let longest = format!("/{}", "a".repeat(16 * 1024 - 1));
    assert_eq!(
        cleaned(&keys(), &[longest.as_bytes()]),
        [longest.as_bytes()]
    );
    assert!(cleaned(&keys(), &[format!("{longest}a").as_bytes()]).is_empty());
}

#[test]
fn every_location_is_cleaned_and_one_without_a_key_stays_as_it_is() {
    let keys = keys_with("canary-1234");
    let both: [&[u8]; 2] = [b"/a", b"/b?x=canary-1234"];
    assert_eq!(cleaned(&keys, &both), [b"/a".to_vec(), b"/b".to_vec()]);
    assert_eq!(cleaned(&keys, &[b"/caf\xe9"]), [b"/caf\xe9".to_vec()]);
    assert!(cleaned(&keys, &[b"/caf\xe9?x=canary-1234"]).is_empty());
}

#[test]
fn the_keys_of_two_credentials_are_all_removed() {
    let both = keys_with("canary-1234").and(&keys_with("canary-5678"));
    let reference = "/v1?x=canary-1234&y=canary-5678&z=1";
    assert_eq!(both.remove_from(reference).as_deref(), Some("/v1?z=1"));
}

#[test]
fn debug_prints_only_names() {
    assert_eq!(format!("{:?}", keys()), r#"["api_key"]"#);
}

/// A key that is shorter than eight bytes, or broken by a tab, stays no more in a field that is no
/// UTF-8 than in one that is.
#[test]
fn a_location_that_is_not_utf8_is_removed_if_it_holds_a_key() {
    for (key, location, is_kept) in [
        ("short", &b"/v1?api_key=short&x=\xff"[..], false),
        ("short", b"/v1?a=short&x=\xff", true),
        ("canary-12345", b"/v1?x=cana\try-12345\xff", false),
        ("canary-12345", b"/v1?x=canary-12345&x=\xff", false),
        ("canary-12345", b"/v1?x=canary-1\xff", true),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::try_from(location).unwrap());
        remove_from_location(&keys_with(key), &mut headers);
        assert_eq!(headers.contains_key(LOCATION), is_kept, "{location:?}");
    }
}

fn keys_with_prefix(prefix: &'static str, value: &str) -> QueryKeys {
    let placement = Placement::query("api_key").unwrap().with_prefix(prefix);
    let credential = placement.unwrap().credential(&value.into());
    credential.unwrap().query_keys().unwrap()
}

#[test]
fn a_key_without_its_prefix_is_removed() {
    let keys = keys_with_prefix("Token ", "k-12345 %/");
    for reference in [
        "/v1?api_key=k-12345%20%25/&a=1",
        "/v1?x=k-12345%20%25%2F&a=1",
        "/v1?x=Token+k-12345%20%25/&a=1",
        "/v1?next=%2Fv2%3Fx%3Dk-12345%2520%2525%252F&a=1",
    ] {
        let left = keys.remove_from(reference);
        assert_eq!(left.as_deref(), Some("/v1?a=1"), "{reference}");
    }
    let short = keys_with_prefix("Token ", "demo");
    let left = short.remove_from("/v1?api_key=demo&a=demo");
    assert_eq!(left.as_deref(), Some("/v1?a=demo"));
}

/// A server may change what it repeats: leave a prefix out, cut the key short, write its name in
/// capitals.
#[test]
fn a_foreign_location_keeps_no_parameter_with_the_name_or_value_of_a_key() {
    for (key, reference) in [
        ("demo", "https://b.example/v1?API_KEY=demo&a=1"),
        ("demo", "https://b.example/v1?Api%5FKey=DEMO&a=1"),
        ("demo", "https://b.example/v1?x=demo&a=1"),
        ("demo", "//b.example/v1?x=%64emo&a=1"),
        (
            "demo",
            "https://b.example/v1?next=%2Fv2%3FAPI_KEY%3Ddemo&a=1",
        ),
        ("demo", "https://b.example/v1?next=%2Fv2%3Fx%3Ddemo&a=1"),
        ("a b", "https://b.example/v1?x=a+b&a=1"),
        ("k-123456789", "https://b.example/v1?api_key=k-1234&a=1"),
        ("k-123456789", "http://a.example/v1?api_key&a=1"),
    ] {
        let left = cleaned(&keys_with(key), &[reference.as_bytes()]);
        let left = String::from_utf8(left.concat()).unwrap();
        assert!(left.ends_with("/v1?a=1"), "{reference}: {left}");
    }
}

/// Where the redirect stays at the origin, a short value is no sign of a key.
#[test]
fn a_short_value_under_another_name_stays_at_the_same_origin() {
    for location in ["/v1?env=demo", "https://a.example/v1?env=demo", "?env=demo"] {
        let left = cleaned(&keys_with("demo"), &[location.as_bytes()]);
        assert_eq!(left, [location.as_bytes()]);
    }
    let foreign = "https://b.example/v1?mykey=1&api_key2=demo1&x=%zz+";
    let left = cleaned(&keys_with("demo"), &[foreign.as_bytes()]);
    assert_eq!(left, [foreign.as_bytes()]);
}
