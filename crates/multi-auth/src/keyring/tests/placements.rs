//! Where credentials are put, and what a redirect removes.

use super::*;
use crate::InputProblem;

/// Clients log its target, hyper-util at WARN.
#[test]
fn a_key_in_the_query_is_not_put_on_a_connect_request() {
    let connect = || {
        let request = Request::connect("https://api.example.com/");
        request.body(()).unwrap().into_parts().0
    };
    let query = || ApiKey::query("api_key", "k-1").unwrap();
    let both = crate::AllOf::new(key("k-1"), query());
    let alone = Keyring::builder().bind("https://api.example.com", query());
    let chained = Keyring::builder().bind("https://api.example.com", both);
    for keyring in [alone, chained] {
        let keyring = keyring.unwrap().build();
        let refused = attached(&keyring, connect());
        assert!(matches!(refused, Err(AuthError::Attach { .. })));
        assert!(attached(&keyring, parts("https://api.example.com/")).is_ok());
    }
    let served = attached(&bound_to("https://api.example.com"), connect());
    assert_eq!(served.unwrap().as_deref(), Some("k-1"));
}

#[test]
fn two_keys_in_one_place_are_refused_when_they_are_bound() {
    let chain = |one: ApiKey, other: ApiKey| {
        let chain = crate::AllOf::new(one, crate::AllOf::new(key("k-1"), other));
        Keyring::builder().bind("https://api.example.com", chain)
    };
    let query = |name: &str| ApiKey::query(name, "k-1").unwrap();
    let cookie = |name: &str| ApiKey::cookie(name, "k-1").unwrap();
    for refused in [
        chain(query("key"), query("key")),
        chain(cookie("key"), cookie("key")),
        chain(key("k-1"), query("key")),
    ] {
        assert!(matches!(
            refused,
            Err(AuthError::Invalid(InputProblem::Unsupported { .. }))
        ));
    }
    assert!(chain(query("key"), query("other")).is_ok());
    assert!(chain(query("key"), cookie("key")).is_ok());
}

#[test]
fn a_redirect_to_another_origin_removes_the_fields_of_bound_credentials() {
    let chain = crate::AllOf::new(key("k-1"), ApiKey::cookie("session", "k-2").unwrap());
    let keyring = Keyring::builder().bind("https://api.example.com", chain);
    let keyring = keyring.unwrap().build();
    let own = Request::get("https://api.example.com/")
        .header("x-api-key", "own")
        .header("cookie", "a=1")
        .header("x-trace", "t-1");
    let mut request = own.body(()).unwrap().into_parts().0;
    let left = parts("https://api.example.com/");
    let left = RequestHead::from_parts(&left);

    keyring.remove_credentials(&left, &mut request.headers);

    let names: Vec<_> = request
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .collect();
    assert_eq!(names, ["x-trace"]);
}
