//! What the signature covers.

use proptest::prelude::*;
use url::form_urlencoded;

use super::*;

#[test]
fn a_form_is_signed_by_its_media_type() {
    let signer = builder().build().unwrap();
    let covers = |content_type: &str| {
        let parts = request(
            "POST",
            "https://a.example",
            &[("content-type", content_type)],
        );
        base(&signer, &head(&parts, b"marker=1")).contains("marker")
    };
    for form in [
        "application/x-www-form-urlencoded",
        "Application/X-WWW-Form-Urlencoded; charset=utf-8",
        "application/x-www-form-urlencoded ;a=b",
    ] {
        assert!(covers(form), "{form}");
    }
    for other in [
        "application/json",
        "application/x-www-form-urlencoded2",
        "text/plain; application/x-www-form-urlencoded",
    ] {
        assert!(!covers(other), "{other}");
    }
}

#[test]
fn the_method_is_in_upper_case_and_encoded() {
    let signer = builder().build().unwrap();
    for (method, expected) in [
        ("get", "GET&"),
        ("M-SEARCH", "M-SEARCH&"),
        ("a!b", "A%21B&"),
    ] {
        let parts = request(method, "https://a.example", &[]);
        assert!(base(&signer, &head(&parts, b"")).starts_with(expected));
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_signed_as_they_are() {
    let signer = builder().build().unwrap();
    let parts = request("POST", "https://a.example?a=%FF%zz", &[FORM]);
    let text = base(&signer, &head(&parts, b"b=\xFE"));
    assert!(text.contains("&a%3D%25FF%2525zz%26b%3D%25FE%26"), "{text}");
}

/// The base string by another way: the pairs are decoded by the crate `url`, and encoded as text.
fn oracle(uri: &str, query: &str, form: &str) -> String {
    let strict = |text: &str| {
        let bytes = text.bytes().map(|byte| match char::from(byte) {
            letter if letter.is_ascii_alphanumeric() || "-._~".contains(letter) => {
                letter.to_string()
            }
            _ => format!("%{byte:02X}"),
        });
        bytes.collect::<String>()
    };
    let protocol = "oauth_consumer_key=consumer&oauth_nonce=nonce&oauth_signature_method=HMAC-SHA1\
                    &oauth_timestamp=7&oauth_token=token&oauth_version=1.0";
    let all = [query, form, protocol].join("&");
    let pairs = form_urlencoded::parse(all.as_bytes());
    let mut pairs: Vec<_> = pairs
        .map(|(name, value)| (strict(&name), strict(&value)))
        .collect();
    pairs.sort();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
    let normalized = pairs.collect::<Vec<_>>().join("&");
    format!("POST&{}&{}", strict(uri), strict(&normalized))
}

proptest! {
    #[test]
    fn any_query_and_form_have_the_base_string_of_the_oracle(
        path in "(/[a-zA-Z0-9._~!$'()*,;:@%-]{0,6}){1,3}",
        query in "([a-c=&+~!*.]|%2[0-9A-F]|%C3%BC){0,24}",
        form in "([a-c=&+~!*.]|%2[0-9A-F]|%C3%BC){0,24}",
    ) {
        let uri = format!("https://a.example{path}");
        let parts = request("POST", &format!("{uri}?{query}"), &[FORM]);
        let signer = builder().build().unwrap();
        prop_assert_eq!(base(&signer, &head(&parts, form.as_bytes())), oracle(&uri, &query, &form));
    }
}
